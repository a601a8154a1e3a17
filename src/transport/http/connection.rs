//! Connections: how many, how slow, and how they end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::base::Base;
use super::bounds::Bounds;
use super::socket::Socket;
use super::wire::Wire;
use crate::telemetry::Metrics;

/// Bytes of a request's head.
const HEAD: usize = 64 << 10;
/// Wait before the next `accept` when the process is out of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// The answer beyond the limit of connections.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
    Content-Length: 0\r\n\r\n";

/// The connections of one listener.
pub(super) struct Connections {
    router: Router,
    base: Base,
    metrics: Arc<Metrics>,
    bounds: Bounds,
    room: Arc<Semaphore>,
    graceful: GracefulShutdown,
    tasks: JoinSet<()>,
}

/// The connections at shutdown.
pub(super) struct Still {
    listener: TcpListener,
    connections: Connections,
}

impl Connections {
    pub(super) fn new(router: Router, base: Base, metrics: Arc<Metrics>, bounds: Bounds) -> Self {
        Self {
            router,
            base,
            metrics,
            bounds,
            room: Arc::new(Semaphore::new(bounds.connections)),
            graceful: GracefulShutdown::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Accepts and serves connections until `stop` fires.
    pub(super) async fn accept(mut self, listener: TcpListener, stop: CancellationToken) -> Still {
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(_) = self.tasks.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            self.take(accepted).await;
        }
        Still {
            listener,
            connections: self,
        }
    }

    async fn take(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        match accepted {
            Ok((stream, peer)) => self.open(stream, peer),
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn open(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Small answers must not wait for others.
        let _ = stream.set_nodelay(true);
        let bounds = self.bounds;
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            let mut stream = stream;
            self.tasks.spawn(async move {
                // If this cannot be written either, there is nothing left to do.
                let _ = tokio::time::timeout(PAUSE, stream.write_all(FULL)).await;
            });
            return;
        };
        let counted = self.metrics.connection();
        let wire = Wire::default();
        let io = TokioIo::new(Socket::new(stream, bounds.stall, wire.clone()));
        let (router, base) = (self.router.clone(), self.base.clone());
        let router = router.map_request(move |mut request: Request<Incoming>| {
            base.strip(request.uri_mut());
            request.extensions_mut().insert(ConnectInfo(peer));
            wire.asked();
            request.extensions_mut().insert(wire.clone());
            request
        });
        let service = TowerToHyperService::new(router);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.head)
            .max_buf_size(HEAD)
            .serve_connection(io, service);
        let connection = self.graceful.watch(connection);
        self.tasks.spawn(async move {
            // Clients disconnect in many ways; none is an error of this server.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop((room, counted));
        });
    }
}

impl Still {
    /// Waits for the requests in flight, until `deadline`. New connections are answered meanwhile, with
    /// nothing but that this process shuts down.
    pub(super) async fn drain(self, deadline: Instant) {
        let Self {
            listener,
            mut connections,
        } = self;
        let graceful = std::mem::take(&mut connections.graceful);
        let mut drained = std::pin::pin!(graceful.shutdown());
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut drained => return,
                () = tokio::time::sleep_until(deadline) => return,
                accepted = listener.accept() => accepted,
            };
            connections.take(accepted).await;
        }
    }
}

/// Whether `error` is about one connection that ended before it was accepted.
fn is_of_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
