//! MCP over HTTP for people who sign in: one listener for MCP, authorization and pages, and one for
//! metrics.
//!
//! From the outside in: the bounds of a connection, an id for each request, `Host` and `Origin`, CORS,
//! and for `/mcp` the bearer token before a byte of the body, then the body, then rmcp without sessions:
//! any replica answers any request, and there is no session to steal.

mod base;
mod body;
mod bounds;
mod calls;
mod connection;
mod cors;
mod draining;
mod elsewhere;
mod endpoint;
mod front;
mod health;
mod host;
mod request;
mod rest;
mod socket;
mod source;
mod stream;
mod visitor;
mod wire;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::routing::{any, get};
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::auth::{self, Gate};
use crate::config::http::{Listen, Public};
use crate::mcp::Server;
use crate::telemetry::Metrics;
use crate::tool::Access;
use base::Base;
use draining::Draining;
use endpoint::Endpoint;
use front::Front;
use host::Hosts;
use request::Names;

pub use bounds::Bounds;

/// What is served.
#[derive(Debug)]
pub struct Parts {
    /// Authenticates requests.
    pub gate: Arc<dyn Gate>,
    /// Answers MCP requests.
    pub server: Server,
    /// Whether this server may change anything.
    pub access: Access,
    /// The settings of the listener.
    pub listen: Listen,
    /// The public URL.
    pub public: Public,
    /// The endpoints of the authorization server and the pages.
    pub routes: Router,
    /// Metrics, and the listener that serves them.
    pub metrics: (Arc<Metrics>, Option<TcpListener>),
    /// What no client may exceed.
    pub bounds: Bounds,
}

/// Serves until `stop` fires and the calls in flight are answered, or `drain` is over.
///
/// # Errors
/// When the listener for metrics cannot be used.
pub async fn serve(listener: TcpListener, parts: Parts, stop: CancellationToken) -> io::Result<()> {
    let Parts {
        gate,
        server,
        access,
        listen,
        public,
        routes,
        metrics: (metrics, numbers),
        bounds,
    } = parts;
    let draining = Draining::default();
    let base = Base::new(public.path());
    let ended = CancellationToken::new();
    let health = health::router(Arc::clone(&gate), draining.clone());
    let hosts = Hosts::new(&listen, &public);
    let hosts_of_numbers = Arc::new(Hosts::of_numbers(&listen, &public));
    let endpoint = Endpoint::new(endpoint::Needs {
        gate,
        server: server.clone(),
        access,
        public: public.clone(),
        hosts: &hosts,
        max_body: listen.max_body,
        bounds,
        ended: ended.child_token(),
    });
    let mcp = Router::new()
        .route("/mcp", any(endpoint::answer))
        .route("/mcp/", any(endpoint::answer))
        .with_state(Arc::new(endpoint));
    let trusted: Arc<[IpNet]> = listen.trusted_proxies.into();
    let rest = routes
        .layer(from_fn_with_state(trusted, source::find))
        .layer(from_fn_with_state(bounds.body, body::in_time));
    let served = auth::below_path(mcp.merge(rest), &public);
    let front = Front {
        names: Names::new(Arc::clone(&metrics)),
        hosts,
        public,
        policy: cors::policy(),
        draining: draining.clone(),
        patience: bounds.rest,
    };
    let router = served
        .merge(health.clone())
        .layer(from_fn_with_state(Arc::new(front), front::pass));
    if let Some(numbers) = numbers {
        let told = Arc::clone(&metrics);
        let text = || async move {
            (
                [("content-type", crate::telemetry::metrics::MEDIA_TYPE)],
                told.text(),
            )
        };
        // Probes may use any `Host`, and get no metrics.
        let router = Router::new()
            .route("/metrics", get(text))
            .route_layer(from_fn_with_state(hosts_of_numbers, host::pass))
            .merge(health)
            .layer(from_fn(|request, next: Next| {
                request::barrier(request, |request| next.run(request))
            }));
        let connections =
            connection::Connections::new(router, Base::new(""), Arc::default(), bounds);
        tokio::spawn(connections.accept(numbers, ended.child_token()));
    }
    let connections = connection::Connections::new(router, base, metrics, bounds);
    let until = tokio::time::Instant::now;
    let still = connections.accept(listener, stop).await;
    draining.begin();
    server.end_waits();
    let deadline = until() + bounds.drain;
    still.drain(deadline).await;
    // Changes whose client has left are completed, too.
    if tokio::time::timeout_at(deadline, server.idle())
        .await
        .is_err()
    {
        tracing::warn!("calls were cut off at the end");
    }
    ended.cancel();
    Ok(())
}
