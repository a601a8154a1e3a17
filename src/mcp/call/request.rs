//! One `tools/call`: its input, and the reasons for which it stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use crate::mcp::failure::Failure;
use crate::mcp::resolved::Resolved;
use crate::tool::context::Progress;
use crate::tool::delivery::Delivery;

/// The input of one call.
pub(super) struct Request {
    pub(super) id: Arc<str>,
    pub(super) resolved: Resolved,
    pub(super) arguments: Map<String, Value>,
    /// Tracks whether the client takes the answer.
    pub(super) delivery: Delivery,
    /// The longest that the call may wait for an execution to end.
    pub(super) longest: Duration,
    pub(super) deadline: Instant,
    pub(super) progress: Option<mpsc::UnboundedSender<Progress>>,
    /// Whether the client supports URL elicitation.
    pub(super) leads: bool,
}

/// Why a call has no result.
pub(super) enum Stop {
    Unknown,
    Failed(Failure),
    /// The user has to open this page first.
    Open(String),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
