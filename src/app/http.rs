//! The HTTP mode, put together.

mod bound;
mod ending;
mod error;
mod rounds;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bound::Bound;
use rounds::{probe, sweep};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Setup;
use crate::auth::{self, Auth, Network};
use crate::clock::Clock;
use crate::config::http::{Administrator, Http};
use crate::kestra::Kestra;
use crate::mcp::{self, Server};
use crate::policy::Policy;
use crate::store::{KeyRing, Store, check_ring, sqlite};
use crate::telemetry::Metrics;
use crate::transport::http::{Bounds, Parts, serve};

pub use ending::asked_to_end;
pub use error::StartError;

/// A running server.
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

/// Opens the database, listens, and serves until [`Running::stop`]. Client metadata documents come from
/// `outside`.
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub async fn start(setup: &Setup, clock: Clock, outside: Network) -> Result<Running, StartError> {
    let config = &setup.config;
    let http = config.http.clone().ok_or(StartError::NotHttp)?;
    let listener = Bound::to(http.listen.bind, "KESTRA_MCP_HOST, KESTRA_MCP_PORT").await?;
    let metrics_listener = match http.listen.metrics {
        Some(address) => Some(Bound::to(address, "KESTRA_MCP_METRICS").await?),
        None => None,
    };
    let (address, metrics_address) = (
        listener.address,
        metrics_listener.as_ref().map(|to| to.address),
    );
    let public = http.listen.public(address);
    let (store, ring) = open(&http).await?;
    let kestra = Kestra::new(&config.kestra, clock.clone()).with_credentials(http.credentials.mode);
    let kestra = Arc::new(match http.credentials.administrator {
        Administrator::Refuse => kestra.with_recheck(http.credentials.recheck),
        Administrator::Warn => kestra,
    });
    // Nothing is known of people's own credentials yet.
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
        metrics: (metrics, metrics_listener.map(|to| to.listener)),
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

/// The database, and the keys that open what is sealed in it.
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

impl Running {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are served.
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Its issuer URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Logs where everything is.
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

    /// Checks whether people can sign in, and logs what prevents it: a provider that is down for a while is
    /// no reason to stop.
    pub fn look_at_providers(&self) -> impl Future<Output = ()> + Send + use<> {
        let auth = self.auth.clone();
        async move { auth.look_at_providers().await }
    }

    /// Takes no more requests, finishes those in flight, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            // A task that panicked is in the log.
            let _ = task.await;
        }
        self.store.close().await;
    }
}
