//! The server: its state, and whether it serves one local user or many over HTTP.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::places::Places;
use crate::auth::Gate;
use crate::kestra::{Kestra, View};
use crate::policy::Policy;
use crate::telemetry::Metrics;
use crate::tool::{Setting, Tool};

/// Calls in flight of one local client; one more is refused, never queued.
const CALLS_LOCAL: usize = 64;
/// Calls in flight of all users together.
const CALLS_REMOTE: usize = 256;

/// The MCP server. Clones share their state.
#[derive(Clone, Debug)]
pub struct Server(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) kestra: Arc<Kestra>,
    pub(super) policy: Policy,
    pub(super) mode: Mode,
    /// The places of all calls in flight.
    pub(super) capacity: Semaphore,
    /// The places of each person.
    pub(super) places: Places,
    /// When this process started: with the number of a call, it names that call in the log.
    pub(super) started: u64,
    pub(super) calls: AtomicU64,
    /// The list that the client last received.
    pub(super) shown: Mutex<Option<View>>,
    /// Fires at shutdown: calls stop waiting for what they started.
    pub(super) shutdown: CancellationToken,
}

/// Whom this server serves. It is set at construction, and no request can change it.
#[derive(Debug)]
pub(super) enum Mode {
    /// The user who runs this process.
    Local,
    /// The users that the gate authenticates.
    Remote(Remote),
}

/// What a server for many users needs.
#[derive(Debug)]
pub struct Remote {
    /// Authenticates users, and has their Kestra credentials.
    pub gate: Arc<dyn Gate>,
    /// Whether a Basic credential permits changes.
    pub basic_writes: bool,
    /// Settings that change tools.
    pub settings: &'static [Setting],
    /// Counts calls.
    pub metrics: Arc<Metrics>,
    /// How long a call waits for a place when its user is at the limit of calls in flight.
    pub patience: Duration,
}

impl Remote {
    /// What [`Remote::patience`] is but for tests.
    pub const PATIENCE: Duration = Duration::from_secs(2);
}

/// Request extension: the client accepts only a single JSON answer, no stream of events.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

impl Mode {
    /// The limit of calls in flight.
    pub(super) const fn capacity(&self) -> usize {
        match self {
            Self::Local => CALLS_LOCAL,
            Self::Remote(_) => CALLS_REMOTE,
        }
    }

    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Local => "stdio",
            Self::Remote(_) => "http",
        }
    }
}

impl Server {
    /// A server for one local user, over standard input and output.
    pub fn local(kestra: Arc<Kestra>) -> Self {
        let policy = Policy::local(kestra.access());
        Self::new(kestra, policy, Mode::Local)
    }

    /// A server for users who sign in. A request without a user is refused.
    pub fn remote(kestra: Arc<Kestra>, policy: Policy, remote: Remote) -> Self {
        Self::new(kestra, policy, Mode::Remote(remote))
    }

    fn new(kestra: Arc<Kestra>, policy: Policy, mode: Mode) -> Self {
        let started = kestra.clock().now_ms();
        Self(Arc::new(Inner {
            policy,
            kestra,
            capacity: Semaphore::new(mode.capacity()),
            mode,
            places: Places::default(),
            started,
            calls: AtomicU64::new(0),
            shown: Mutex::new(None),
            shutdown: CancellationToken::new(),
        }))
    }

    /// `tool`, with the settings of this server.
    pub(super) fn as_set(&self, tool: &'static Tool) -> &'static Tool {
        match &self.0.mode {
            Mode::Local => tool,
            Mode::Remote(remote) => tool.with(remote.settings),
        }
    }

    /// Notifies of every change of the detected Kestra server.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<crate::kestra::Detection> {
        self.0.kestra.watch()
    }

    /// The clock of this process.
    pub fn clock(&self) -> &crate::clock::Clock {
        self.0.kestra.clock()
    }

    /// Ends the waits of calls for what they started: their answers say how to go on.
    pub fn end_waits(&self) {
        self.0.shutdown.cancel();
    }

    /// Waits until no call is in flight.
    pub async fn idle(&self) {
        let all = u32::try_from(self.0.mode.capacity()).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let _ = self.0.capacity.acquire_many(all).await;
    }
}
