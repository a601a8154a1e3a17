//! What one call may use: its credential, its limits, and its connection to the client.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::delivery::Delivery;
use super::memory::CallMemory;
use super::target::Ask;
use super::unanswered::Repeat;
use super::{Access, Line, Permission, Route};
use crate::clock::Clock;
use crate::secret::Redactor;

/// Limits of a call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one request to Kestra, body included.
    pub request: Duration,
    /// For a whole call, besides what it was asked to wait.
    pub call: Duration,
    /// Bytes of an answer of Kestra after decompression.
    pub body: usize,
    /// Bytes of an error answer of Kestra.
    pub error_body: usize,
    /// Bytes of one result.
    pub result: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(35),
            call: Duration::from_secs(40),
            body: 16 << 20,
            error_body: 64 << 10,
            result: 64 << 10,
        }
    }
}

/// How far a call has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Work done.
    pub done: f64,
    /// All the work, where known.
    pub total: Option<f64>,
    /// One line for a person.
    pub message: String,
}

/// The context of one call. Cloning is cheap.
#[derive(Clone)]
pub struct CallCtx {
    /// The shared client: one pool for all callers.
    pub http: reqwest::Client,
    /// Origin and base path of Kestra without `/api/v1`, without a final slash.
    pub base: Arc<str>,
    /// Where Kestra's UI is, without a final slash; none leaves links out.
    pub ui: Option<Arc<str>>,
    /// Path segment.
    pub tenant: Arc<str>,
    /// Marked sensitive.
    pub authorization: Option<HeaderValue>,
    /// The line of the server.
    pub line: Line,
    /// As the server reports it.
    pub version: Option<Arc<str>>,
    /// Names this call in our log and in opaque errors.
    pub request_id: Arc<str>,
    /// Limits.
    pub limits: Limits,
    /// What it holds of the room for answers of Kestra.
    pub memory: Arc<CallMemory>,
    /// Time.
    pub clock: Clock,
    /// Where progress goes, if the client asked for it.
    pub progress: Option<UnboundedSender<Progress>>,
    /// The delivery of the answer.
    pub delivery: Delivery,
    /// Fires when the client gives up.
    pub cancel: CancellationToken,
    /// The longest that it may wait for something to end.
    pub longest: Duration,
    /// Fires when this process shuts down and waits for nothing more.
    pub hurry: CancellationToken,
    /// The call as one that may be repeated; `None` where a repetition does no harm.
    pub repeat: Option<Repeat>,
    /// Values that must not come back.
    pub secrets: Redactor,
    /// The permissions of the caller; `None` means all.
    pub permissions: Option<Arc<[Permission]>>,
    /// Policy, which is asked about the target of the call.
    pub targets: Ask,
    /// When the whole call must have ended.
    pub deadline: Instant,
    /// The safety limit of this server, checked again before each request is sent.
    pub access: Access,
    /// The only routes that may be used.
    pub routes: &'static [Route],
}

/// Reserved at the end of a call's time to report how it ended.
const LAST_WORD: Duration = Duration::from_secs(1);

impl CallCtx {
    /// The same call, held to `routes`.
    #[must_use]
    pub fn with_routes(&self, routes: &'static [Route]) -> Self {
        Self {
            routes,
            ..self.clone()
        }
    }

    /// What is left of the whole call, without the time to report how it ended.
    pub fn left(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.saturating_sub(LAST_WORD)
    }

    /// How long the next request may take.
    pub fn remaining(&self) -> Duration {
        self.limits
            .request
            .min(self.left())
            .max(Duration::from_millis(1))
    }

    /// Whether the caller holds `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions
            .as_ref()
            .is_none_or(|held| held.contains(&permission))
    }

    /// Reports progress to the client.
    pub fn report(&self, progress: Progress) {
        if let Some(sender) = &self.progress {
            // A client that went away misses nothing.
            let _ = sender.send(progress);
        }
    }
}

impl fmt::Debug for CallCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallCtx")
            .field("line", &self.line)
            .field("tenant", &self.tenant)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
