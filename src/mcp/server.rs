//! The server behind every request: what it holds, and whom it serves.

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

/// The handler of every request. Cloning is cheap.
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

/// Who is served. It is known at construction, and no request can change it.
#[derive(Debug)]
pub(super) enum Mode {
    /// The person whose process this is.
    Local,
    /// Whoever the gate lets in.
    Remote(Remote),
}

/// What serving people over HTTP takes.
#[derive(Debug)]
pub struct Remote {
    /// Who comes in, and with which Kestra credential.
    pub gate: Arc<dyn Gate>,
    /// Whether a Basic account may be used to change things.
    pub basic_writes: bool,
    /// What makes tools others.
    pub settings: &'static [Setting],
    /// Where calls are counted.
    pub metrics: Arc<Metrics>,
    /// How long a call waits while its person has as many in flight as one may have.
    pub patience: Duration,
}

impl Remote {
    /// What [`Remote::patience`] is but for tests.
    pub const PATIENCE: Duration = Duration::from_secs(2);
}

/// Stands in the extensions of a request whose client takes one answer as a whole, and nothing
/// before it.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

impl Mode {
    /// Calls in flight.
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
    /// For one local person on standard input and output.
    pub fn local(kestra: Arc<Kestra>) -> Self {
        let policy = Policy::local(kestra.access());
        Self::new(kestra, policy, Mode::Local)
    }

    /// For people who sign in. Each request says who asks, or is refused.
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

    /// `tool` as it is on this server.
    pub(super) fn as_set(&self, tool: &'static Tool) -> &'static Tool {
        match &self.0.mode {
            Mode::Local => tool,
            Mode::Remote(remote) => tool.with(remote.settings),
        }
    }

    /// Tells of every change of what is known of Kestra.
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
