//! The HTTP server around the world.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hyper::{Request, body::Incoming};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    clock::Clock,
    error::ApiError,
    fault::{self, Action, Fault, Theirs},
    listen,
    received::{Received, RequestLog},
    settings::{Auth, Dialect, Settings},
    wire::WireResponse,
    world::World,
};

mod dispatch;

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    inner: Arc<Inner>,
    clock: Clock,
    serving: JoinHandle<()>,
}

/// Why a source is no flow, in Kestra's words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidFlow(String);

impl std::fmt::Display for InvalidFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFlow {}

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    log: Mutex<RequestLog>,
    faults: Mutex<Vec<Fault>>,
    base: String,
}

/// What a panicking test left behind is still consistent: every change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Simulator {
    /// Starts a server on 127.0.0.1.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", settings.port.unwrap_or(0))).await?;
        let base = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let clock = settings.clock.clone();
        let inner = Arc::new(Inner {
            world: Mutex::new(World::new(settings)),
            log: Mutex::default(),
            faults: Mutex::default(),
            base,
        });
        let answering = Arc::clone(&inner);
        let serving = tokio::spawn(listen::serve(listener, move |request| {
            let inner = Arc::clone(&answering);
            async move { inner.respond(request).await }
        }));
        Ok(Self {
            inner,
            clock,
            serving,
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.inner.base.clone()
    }

    /// The clock that moves executions.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.inner.log).entries()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        lock(&self.inner.log).forget();
    }

    /// Adds a fault; of several that match a request, the first added acts.
    pub fn fault(&self, fault: Fault) {
        lock(&self.inner.faults).push(fault);
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        lock(&self.inner.faults).clear();
    }

    /// Creates or replaces a flow without HTTP, and says its revision.
    ///
    /// # Errors
    /// What the server would refuse.
    pub fn save_flow(&self, source: &str) -> Result<u64, InvalidFlow> {
        let now = self.clock.now_ms();
        let mut world = lock(&self.inner.world);
        world.run_until(now);
        let saved = world.save(source, now);
        saved
            .map(|flow| flow.revision)
            .map_err(|invalid| InvalidFlow(invalid.text()))
    }

    /// Takes the API token of a person away; requests with it are refused from now on.
    pub fn revoke(&self, token: &str) {
        if let Auth::People(people) = &mut lock(&self.inner.world).settings.auth {
            people.retain(|person| person.token != token);
        }
    }

    /// Upgrades the server in place: flows and executions stay, answers change.
    pub fn upgrade(&self, dialect: Dialect) {
        lock(&self.inner.world).settings.dialect = dialect;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Inner {
    /// An error closes the connection without an answer.
    async fn respond(&self, request: Request<Incoming>) -> io::Result<WireResponse> {
        let (received, target) = listen::receive(request).await?;
        let number = lock(&self.log).arrived(received.clone());
        let action = fault::take(&mut lock(&self.faults), &received);
        let response = match action {
            Some(action) => self.apply_fault(action, &received, &target).await,
            None => listen::encode(self.perform(&received, &target)),
        }?;
        lock(&self.log).answered(number, response.status().as_u16());
        Ok(response)
    }

    async fn apply_fault(
        &self,
        action: Action,
        received: &Received,
        target: &str,
    ) -> io::Result<WireResponse> {
        let answer = match action {
            Action::Timeout504After => {
                self.perform(received, target);
                let (dialect, edition) = {
                    let world = lock(&self.world);
                    (world.settings.dialect, world.settings.edition)
                };
                ApiError::timeout().response(dialect, edition, target)
            }
            Action::Meanwhile(theirs) => {
                let change = || self.perform(&theirs.as_request(received), &theirs.path);
                if theirs.first {
                    change();
                }
                let answer = self.perform(received, target);
                if !theirs.first {
                    change();
                }
                answer
            }
            other => return other.apply(|| self.perform(received, target)).await,
        };
        listen::encode(answer)
    }
}

impl Theirs {
    /// As a request with the credentials of `received`.
    fn as_request(&self, received: &Received) -> Received {
        let credentials = received.header("authorization").map(str::to_owned);
        let headers = [
            ("authorization", credentials),
            ("content-type", Some(self.content_type.clone())),
        ];
        Received {
            method: self.method.clone(),
            path: self.path.clone(),
            query: Vec::new(),
            headers: headers
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
            body: self.body.clone().into_bytes(),
            status: 0,
        }
    }
}
