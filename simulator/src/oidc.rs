//! A development identity provider (OpenID Connect Core 1.0, authorization code with PKCE): it has
//! a login form for people, signs test people in without one, and breaks every rule on demand.
//!
//! Not for use outside of tests and demonstrations: passwords are plain, and nothing is limited.

mod authorize;
mod deceit;
mod documents;
mod key;
mod page;
mod person;
mod settings;
mod state;
mod token;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hyper::{Request, body::Incoming};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    clock::Clock,
    fault::{self, Fault},
    listen,
    received::{Received, RequestLog},
    response::Response,
    wire::{self, WireResponse},
};

pub use deceit::{Deceit, Forgery};
pub use key::Algorithm;
pub use person::Person;
pub use settings::{CLIENT_ID, CLIENT_SECRET, Client, Settings};

use state::State;

/// A running provider; it stops when dropped.
#[derive(Debug)]
pub struct Provider {
    inner: Arc<Inner>,
    port: u16,
    serving: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    log: Mutex<RequestLog>,
    faults: Mutex<Vec<Fault>>,
}

/// What a panicking test left behind is still consistent: every change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// Starts a provider on 127.0.0.1.
    ///
    /// # Errors
    /// When the port cannot be bound, or no key can be made.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", settings.port.unwrap_or(0))).await?;
        let port = listener.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let mut provider = Self {
            inner: Arc::new(Inner {
                state: Mutex::new(State::new(settings, base)?),
                log: Mutex::default(),
                faults: Mutex::default(),
            }),
            port,
            serving: None,
        };
        provider.serve(listener);
        Ok(provider)
    }

    fn serve(&mut self, listener: TcpListener) {
        let inner = Arc::clone(&self.inner);
        self.serving = Some(tokio::spawn(listen::serve(listener, move |request| {
            let inner = Arc::clone(&inner);
            async move { inner.respond(request).await }
        })));
    }

    /// Goes down: connections break, new ones are refused. What it knows stays.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // Ends when the listener is closed; that it was aborted is no news.
            let _ = serving.await;
        }
    }

    /// Comes back under the same address.
    ///
    /// # Errors
    /// When somebody else took the port meanwhile.
    pub async fn resume(&mut self) -> io::Result<()> {
        if self.serving.is_none() {
            let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
            self.serve(listener);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.inner.state)
    }

    /// As it names itself; what clients are configured with.
    pub fn issuer(&self) -> String {
        self.state().issuer()
    }

    /// The clock of codes and tokens.
    pub fn clock(&self) -> Clock {
        self.state().settings.clock.clone()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.inner.log).entries()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        lock(&self.inner.log).forget();
    }

    /// Adds a person, or replaces the one of the same login name.
    pub fn put(&self, person: Person) {
        self.state().people.insert(person.login.clone(), person);
    }

    /// Changes what is known of a person: the next tokens say it. No such person: nothing.
    pub fn change(&self, login: &str, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.state().people.get_mut(login) {
            change(person);
        }
    }

    /// Locks a person out: no login, no refresh, no userinfo.
    pub fn disable(&self, login: &str) {
        self.change(login, |person| person.disabled = true);
    }

    /// From now on every browser is signed in as this person, without a form.
    pub fn sign_in(&self, login: &str) {
        let mut state = self.state();
        let now = state.now();
        state.signed_in = Some((login.to_owned(), now));
    }

    /// Ends what [`Provider::sign_in`] began, and every session.
    pub fn sign_out(&self) {
        let mut state = self.state();
        state.signed_in = None;
        state.sessions.clear();
    }

    /// Signs with a new key under a new id; the old key is gone from the key set.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_keys(&self) -> io::Result<()> {
        self.state().rotate()
    }

    /// Adds a lie; those before it go on.
    pub fn deceive(&self, deceit: Deceit) {
        self.state().deceits.push(deceit);
    }

    /// Adds a failure of transport, such as a status or a body without end.
    pub fn fault(&self, fault: Fault) {
        lock(&self.inner.faults).push(fault);
    }

    /// Is honest and well again.
    pub fn clear(&self) {
        self.state().deceits.clear();
        lock(&self.inner.faults).clear();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl Inner {
    /// An error closes the connection without an answer.
    async fn respond(&self, request: Request<Incoming>) -> io::Result<WireResponse> {
        let (received, _) = listen::receive(request).await?;
        let number = lock(&self.log).arrived(received.clone());
        let action = fault::take(&mut lock(&self.faults), &received);
        let response = match action {
            Some(action) => action.apply(|| self.perform(&received)).await,
            None => listen::encode(self.perform(&received)),
        }?;
        lock(&self.log).answered(number, response.status().as_u16());
        Ok(response)
    }

    fn perform(&self, received: &Received) -> Response {
        let mut state = lock(&self.state);
        let form = || wire::decode_query(&String::from_utf8_lossy(&received.body));
        let post = received.method == "POST";
        let path = received.path.as_str();
        if path == state.discovery_path() {
            return documents::discovery(&state);
        }
        match path {
            "/jwks" => documents::keys(&state),
            "/authorize" if post => authorize::authorize(&mut state, received, &form()),
            "/authorize" => authorize::authorize(&mut state, received, &received.query),
            "/login" if post => authorize::login(&mut state, &form()),
            "/token" if post => token::exchange(&mut state, received, &form()),
            "/userinfo" => documents::userinfo(&state, received),
            _ => Response::empty(404),
        }
    }
}
