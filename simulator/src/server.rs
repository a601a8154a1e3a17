//! The HTTP server around the world.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::{
    answer::Answer,
    clock::Clock,
    error::Refusal,
    fault::{self, Action, Fault, Theirs},
    received::Received,
    settings::{Dialect, Settings},
    wire::{self, Payload},
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
    log: Mutex<Log>,
    faults: Mutex<Vec<Fault>>,
    base: String,
}

#[derive(Debug, Default)]
struct Log {
    arrived: u64,
    entries: Vec<(u64, Received)>,
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
        let serving = tokio::spawn(serve(listener, Arc::clone(&inner)));
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
        lock(&self.inner.log)
            .entries
            .iter()
            .map(|(_, received)| received.clone())
            .collect()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        lock(&self.inner.log).entries.clear();
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
            .map_err(|invalid| InvalidFlow(invalid.message("flow")))
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

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    // Connections end with this set, and it with the task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&inner)));
                }
                Err(_) => return,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, inner: Arc<Inner>) {
    let service = service_fn(move |request| {
        let inner = Arc::clone(&inner);
        async move { inner.answer(request).await }
    });
    // A failing connection is the client's to notice: some faults make it fail.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Inner {
    /// An error closes the connection without an answer.
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Payload>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let received = Received {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: wire::decode_query(head.uri.query().unwrap_or_default()),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| {
                    (
                        name.as_str().to_owned(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect(),
            body: body.to_vec(),
            status: 0,
        };
        let number = {
            let mut log = lock(&self.log);
            log.arrived += 1;
            let number = log.arrived;
            log.entries.push((number, received.clone()));
            number
        };
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let target = &target.replace("%2e", ".");
        let response = match self.fault_for(&received) {
            Some(action) => self.fail(action, &received, target).await?,
            None => respond(self.perform(&received, target)),
        }?;
        let status = response.status().as_u16();
        if let Some((_, entry)) = lock(&self.log)
            .entries
            .iter_mut()
            .find(|(n, _)| *n == number)
        {
            entry.status = status;
        }
        Ok(response)
    }

    fn fault_for(&self, received: &Received) -> Option<Action> {
        let mut faults = lock(&self.faults);
        let position = faults.iter().position(|fault| {
            fault.times != Some(0)
                && fault
                    .method
                    .as_ref()
                    .is_none_or(|method| *method == received.method)
                && fault::glob(&fault.path, &received.path)
        })?;
        let fault = faults.get_mut(position)?;
        fault.times = fault.times.map(|times| times.saturating_sub(1));
        Some(fault.action.clone())
    }

    async fn fail(
        &self,
        action: Action,
        received: &Received,
        target: &str,
    ) -> io::Result<io::Result<Response<Payload>>> {
        let closed = || Err(io::Error::other("closed by a fault"));
        let flood = |bytes, content_type: String| {
            Response::builder()
                .header("content-type", content_type)
                .body(Payload::Flood(bytes))
                .map_err(io::Error::other)
        };
        Ok(match action {
            Action::Respond {
                status,
                content_type,
                body,
                headers,
            } => {
                let mut response = Response::builder().status(status);
                if !content_type.is_empty() {
                    response = response.header("content-type", content_type);
                }
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                response
                    .body(Payload::Whole(Some(Bytes::from(body))))
                    .map_err(io::Error::other)
            }
            Action::Hang => std::future::pending().await,
            Action::Disconnect => return closed(),
            Action::DisconnectAfter => {
                self.perform(received, target);
                return closed();
            }
            Action::Endless { content_type } => flood(None, content_type),
            Action::Huge {
                bytes,
                content_type,
            } => flood(Some(bytes), content_type),
            Action::Delay(time) => {
                tokio::time::sleep(time).await;
                respond(self.perform(received, target))
            }
            Action::GarbageJson => respond(Answer::typed(
                200,
                "application/json",
                b"{\"results\": [{".to_vec(),
            )),
            Action::Timeout504After => {
                self.perform(received, target);
                let (dialect, edition) = {
                    let world = lock(&self.world);
                    (world.settings.dialect, world.settings.edition)
                };
                respond(Refusal::timeout().answer(dialect, edition, target))
            }
            Action::Meanwhile(theirs) => {
                let change = || self.perform(&theirs.met(received), &theirs.path);
                if theirs.first {
                    change();
                }
                let answer = self.perform(received, target);
                if !theirs.first {
                    change();
                }
                respond(answer)
            }
            Action::Held(until) => {
                until.notified().await;
                respond(self.perform(received, target))
            }
        })
    }
}

impl Theirs {
    /// As a request with the credentials of `received`.
    fn met(&self, received: &Received) -> Received {
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

fn respond(answer: Answer) -> io::Result<Response<Payload>> {
    let mut response = Response::builder().status(answer.status);
    if let Some(content_type) = answer.content_type {
        response = response.header("content-type", content_type);
    }
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = Some(Bytes::from(answer.body)).filter(|body| !body.is_empty());
    response
        .body(Payload::Whole(body))
        .map_err(io::Error::other)
}
