//! What the work on one `tools/call` needs to know, and why it may stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use crate::mcp::failure::Failure;
use crate::mcp::resolved::Resolved;
use crate::tool::context::Progress;
use crate::tool::delivery::Delivery;

/// One request for a tool, on its way.
pub(super) struct Request {
    pub(super) id: Arc<str>,
    pub(super) resolved: Resolved,
    pub(super) arguments: Map<String, Value>,
    /// The way of the answer.
    pub(super) delivery: Delivery,
    /// The longest that it may wait for something to end.
    pub(super) longest: Duration,
    pub(super) deadline: Instant,
    pub(super) progress: Option<mpsc::UnboundedSender<Progress>>,
    /// Whether the client can lead the person to a page.
    pub(super) leads: bool,
}

/// Why a call has no result: the protocol was broken, or a model can read why.
pub(super) enum Stop {
    Unknown,
    Failed(Failure),
    /// The person should open this page first.
    Open(String),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
