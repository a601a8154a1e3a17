//! A development identity provider (OpenID Connect Core 1.0, authorization code flow with PKCE). It
//! has a login form, can sign in test users without it, and violates the protocol on demand.
//!
//! Only for tests and demonstrations: passwords are stored in plain text, and nothing is rate
//! limited.

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

/// Every change is a single call, so the state is consistent even after a test has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// Starts a provider on 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound or no key can be generated.
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

    /// Takes the provider down: connections break and new ones are refused. Its state is preserved.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // Waits until the listener is closed. That the task was aborted is expected.
            let _ = serving.await;
        }
    }

    /// Brings the provider up again, on the same address.
    ///
    /// # Errors
    /// If the port has been taken in the meantime.
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

    /// The issuer URL.
    pub fn issuer(&self) -> String {
        self.state().issuer()
    }

    /// The clock by which codes and tokens expire.
    pub fn clock(&self) -> Clock {
        self.state().settings.clock.clone()
    }

    /// The requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.inner.log).entries()
    }

    /// Clears the recorded requests.
    pub fn forget_requests(&self) {
        lock(&self.inner.log).forget();
    }

    /// Adds a person, or replaces the one with the same login name.
    pub fn put(&self, person: Person) {
        self.state().people.insert(person.login.clone(), person);
    }

    /// Changes a person, which affects the tokens issued from now on. Does nothing if there is no
    /// such person.
    pub fn change(&self, login: &str, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.state().people.get_mut(login) {
            change(person);
        }
    }

    /// Disables a person's account: no login, no refresh, no userinfo.
    pub fn disable(&self, login: &str) {
        self.change(login, |person| person.disabled = true);
    }

    /// Signs every browser in as this person, without the form, from now on.
    pub fn sign_in(&self, login: &str) {
        let mut state = self.state();
        let now = state.now();
        state.signed_in = Some((login.to_owned(), now));
    }

    /// Undoes [`Provider::sign_in`], and ends every session.
    pub fn sign_out(&self) {
        let mut state = self.state();
        state.signed_in = None;
        state.sessions.clear();
    }

    /// Replaces the signing key, with a new key id; the old key is no longer published.
    ///
    /// # Errors
    /// If no key can be generated.
    pub fn rotate_keys(&self) -> io::Result<()> {
        self.state().rotate()
    }

    /// Adds a protocol violation to those in effect.
    pub fn deceive(&self, deceit: Deceit) {
        self.state().deceits.push(deceit);
    }

    /// Injects a fault at the HTTP level, such as a status or an endless body.
    pub fn fault(&self, fault: Fault) {
        lock(&self.inner.faults).push(fault);
    }

    /// Removes all protocol violations and faults.
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
    /// An error closes the connection without a response.
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
