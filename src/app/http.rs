//! The HTTP mode, put together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::Setup;
use crate::auth::{self, Auth, Network};
use crate::clock::Clock;
use crate::config::http::{Administrator, Http};
use crate::kestra::Kestra;
use crate::mcp::{self, Server};
use crate::policy::Policy;
use crate::store::rekey::RingRefused;
use crate::store::{KeyRing, Ms, RingFault, Store, StoreError, check_ring, sqlite};
use crate::telemetry::Metrics;
use crate::transport::http::{Bounds, Parts, serve};

/// Between two cleanings of the database.
const SWEEP: Duration = Duration::from_mins(10);
/// Between two looks at the known client metadata documents.
const PROBE: Duration = Duration::from_hours(1);

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration is not one of the HTTP mode.
    #[error("the configuration is not for HTTP")]
    NotHttp,
    /// Something else listens there, or this machine has no such address.
    #[error("cannot listen on {address} ({setting})")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The settings that say so.
        setting: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Keys(#[from] RingFault),
    /// The database cannot be opened.
    #[error("cannot open the database {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// What is sealed would be lost.
    #[error(transparent)]
    Ring(#[from] RingRefused),
    /// The authorization server cannot be set up.
    #[error(transparent)]
    Auth(#[from] auth::StartError),
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    issuer: Arc<str>,
    database: PathBuf,
    auth: Auth,
    store: Arc<dyn Store>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the database, listens, and serves until [`Running::stop`]. `outside` is where the metadata
/// documents of clients come from.
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub async fn start(setup: &Setup, clock: Clock, outside: Network) -> Result<Running, StartError> {
    let config = &setup.config;
    let http = config.http.clone().ok_or(StartError::NotHttp)?;
    let listener = Bound::to(http.listen.bind, "KESTRA_MCP_HOST, KESTRA_MCP_PORT").await?;
    let numbers = match http.listen.metrics {
        Some(address) => Some(Bound::to(address, "KESTRA_MCP_METRICS").await?),
        None => None,
    };
    let (address, metrics_address) = (listener.address, numbers.as_ref().map(|to| to.address));
    let public = http.listen.public(address);
    let (store, ring) = open(&http).await?;
    let kestra = Kestra::new(&config.kestra, clock.clone()).with_credentials(http.credentials.mode);
    let kestra = Arc::new(match http.credentials.administrator {
        Administrator::Refuse => kestra.with_recheck(http.credentials.recheck),
        Administrator::Warn => kestra,
    });
    // Of people's own credentials nothing is known yet.
    let shared = kestra.own().kind();
    let access = kestra.access();
    let access = access.and(shared.access(http.credentials.basic_writes));
    let policy = Policy::new(access, setup.roles.clone());
    let auth = Auth::new(auth::Parts {
        config: Arc::clone(&http),
        public: public.clone(),
        store: Arc::clone(&store),
        ring: Arc::new(ring),
        clock: clock.clone(),
        policy: policy.clone(),
        kestra: Arc::clone(&kestra),
        network: outside,
    });
    let auth = match auth.await {
        Ok(auth) => auth,
        Err(error) => {
            store.close().await;
            return Err(error.into());
        }
    };
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    for warning in kestra.warnings() {
        tracing::warn!("{warning}");
    }
    let gate = Arc::new(auth.clone());
    let metrics = Arc::new(Metrics::of(Arc::clone(kestra.memory())));
    let remote = mcp::Remote {
        gate: gate.clone(),
        basic_writes: http.credentials.basic_writes,
        settings: http.credentials.settings(),
        metrics: Arc::clone(&metrics),
        patience: mcp::Remote::PATIENCE,
    };
    let parts = Parts {
        gate,
        access,
        server: Server::remote(kestra, policy, remote),
        listen: http.listen.clone(),
        public: public.clone(),
        routes: auth.router(),
        metrics: (metrics, numbers.map(|to| to.listener)),
        bounds: Bounds::default(),
    };
    let stop = CancellationToken::new();
    let served = serve(listener.listener, parts, stop.clone());
    let served = tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(%error, "serving ended");
        }
    });
    let swept = tokio::spawn(sweep(Arc::clone(&store), clock, stop.clone()));
    let probed = tokio::spawn(probe(auth.clone(), stop.clone()));
    Ok(Running {
        address,
        metrics: metrics_address,
        issuer: public.issuer,
        database: http.store.clone(),
        auth,
        store,
        stop,
        tasks: vec![served, swept, probed],
    })
}

/// The database and the keys that open what is sealed in it.
async fn open(http: &Http) -> Result<(Arc<dyn Store>, KeyRing), StartError> {
    let ring = KeyRing::new(&http.keys)?;
    let store = sqlite::open(&http.store).await;
    let store: Arc<dyn Store> = Arc::new(store.map_err(|source| StartError::Store {
        path: http.store.clone(),
        source,
    })?);
    if let Err(error) = check_ring(&*store, &ring).await {
        store.close().await;
        return Err(error.into());
    }
    Ok((store, ring))
}

/// Deletes what is over, again and again.
async fn sweep(store: Arc<dyn Store>, clock: Clock, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(SWEEP);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let now = Ms::try_from(clock.now_ms()).unwrap_or(Ms::MAX);
        match store.sweep(now).await {
            Ok(rows) => tracing::debug!(rows, "the database was cleaned"),
            Err(error) => tracing::warn!(%error, "the database could not be cleaned"),
        }
    }
}

/// Looks at the known client metadata documents, again and again. Nobody waits for it: until one
/// could be read, none are announced.
async fn probe(auth: Auth, stop: CancellationToken) {
    if !auth.probes_documents() {
        return;
    }
    let mut rounds = tokio::time::interval(PROBE);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looking = async {
        loop {
            rounds.tick().await;
            auth.probe_documents().await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = looking => {}
    }
}

/// A listener, and where it listens.
struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    async fn to(asked: SocketAddr, setting: &'static str) -> Result<Self, StartError> {
        let bound = async {
            let listener = TcpListener::bind(asked).await?;
            let address = listener.local_addr()?;
            Ok(Self { listener, address })
        };
        bound.await.map_err(|source| StartError::Listen {
            address: asked,
            setting,
            source,
        })
    }
}

impl Running {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are.
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Under which address the world knows it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Tells the log where all of it is.
    pub fn announce(&self) {
        let metrics = self
            .metrics
            .map_or_else(|| "off".to_owned(), |at| format!("http://{at}/metrics"));
        tracing::info!(
            address = %self.address,
            issuer = &*self.issuer,
            mcp = format!("{}/mcp", self.issuer),
            metrics,
            database = %self.database.display(),
            "serving"
        );
    }

    /// Looks whether people could sign in, and tells the log what is in the way: a provider that is
    /// down for a while is no reason to stop.
    pub fn look_at_providers(&self) -> impl Future<Output = ()> + Send + use<> {
        let auth = self.auth.clone();
        async move { auth.look_at_providers().await }
    }

    /// Takes no more requests, finishes those in flight, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            // A task that panicked has said so.
            let _ = task.await;
        }
        self.store.close().await;
    }
}

/// What is said when that begins.
const ENDING: &str = "told to end: nothing new is taken, calls in flight are carried to their end";

/// Returns when the process is told to end.
pub async fn told_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt => {}
            }
            tracing::info!("{ENDING}");
            return;
        }
    }
    let _ = interrupt.await;
    tracing::info!("{ENDING}");
}
