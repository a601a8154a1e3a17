//! What every request passes.
//!
//! It is one layer, because each layer of axum clones everything below it for each request.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::CorsLayer;

use super::draining::Draining;
use super::host::{self, Hosts};
use super::request::{self, Names};
use super::{cors, elsewhere, health, rest};
use crate::config::http::Public;

/// See the module.
pub(super) struct Front {
    pub(super) names: Names,
    pub(super) hosts: Hosts,
    /// The public URL.
    pub(super) public: Public,
    pub(super) policy: CorsLayer,
    pub(super) draining: Draining,
    /// Time to read the unread rest of a body.
    pub(super) patience: Duration,
}

impl Front {
    /// Passes on a request with an allowed host, while the process is not shutting down.
    async fn admit(&self, request: Request, next: Next) -> Response {
        if let Some(refusal) = host::refusal(&self.hosts, &request) {
            return refusal;
        }
        if self.draining.has_begun() && !health::is_one(request.uri().path()) {
            return health::turned_away();
        }
        if elsewhere::is_one(&request) {
            return elsewhere::answer(&self.public, &request);
        }
        cors::apply(&self.policy, request, next).await
    }
}

/// Answers under a request id, and reads the rest of the body.
pub(super) async fn pass(
    State(front): State<Arc<Front>>,
    request: Request,
    next: Next,
) -> Response {
    let admit = |request| front.admit(request, next);
    let name = |request| request::name(&front.names, request, admit);
    rest::finish(front.patience, request, name).await
}
