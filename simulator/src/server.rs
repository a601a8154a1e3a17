//! The HTTP server.

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

/// Why a source is not a valid flow, as Kestra words it.
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

/// Every change is a single call, so the state is consistent even after a test has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Simulator {
    /// Starts a server on 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound.
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

    /// The base URL: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.inner.base.clone()
    }

    /// The clock by which executions advance.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.inner.log).entries()
    }

    /// Clears the recorded requests.
    pub fn forget_requests(&self) {
        lock(&self.inner.log).forget();
    }

    /// Injects a fault; if several match a request, the one added first applies.
    pub fn fault(&self, fault: Fault) {
        lock(&self.inner.faults).push(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        lock(&self.inner.faults).clear();
    }

    /// Creates or updates a flow without HTTP, and returns its revision.
    ///
    /// # Errors
    /// If the source is not a valid flow.
    pub fn save_flow(&self, source: &str) -> Result<u64, InvalidFlow> {
        let now = self.clock.now_ms();
        let mut world = lock(&self.inner.world);
        world.run_until(now);
        let saved = world.save(source, now);
        saved
            .map(|flow| flow.revision)
            .map_err(|invalid| InvalidFlow(invalid.text()))
    }

    /// Revokes the API token of a person.
    pub fn revoke(&self, token: &str) {
        if let Auth::People(people) = &mut lock(&self.inner.world).settings.auth {
            people.retain(|person| person.token != token);
        }
    }

    /// Upgrades the server in place: it keeps its flows and executions, and responds as the other
    /// dialect.
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
    /// An error closes the connection without a response.
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
    /// The change as a request with the credentials of `received`.
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
