//! The HTTP mode, put together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Setup;
use crate::auth::{self, Auth};
use crate::clock::Clock;
use crate::kestra::Kestra;
use crate::mcp::Server;
use crate::store::keyring::{KeyRing, RingFault};
use crate::store::{self, Store, StoreError, sqlite};
use crate::transport::http;

/// Between two cleanings of the database.
const SWEEP: Duration = Duration::from_mins(10);

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration is not one of the HTTP mode.
    #[error("the configuration is not for HTTP")]
    NotHttp,
    /// Something else listens there, or this machine has no such address.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A key cannot be used, or is missing.
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
    /// The authorization server cannot be set up.
    #[error(transparent)]
    Auth(#[from] auth::OpenError),
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    issuer: Arc<str>,
    auth: Auth,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the database, listens, and serves until [`Running::stop`].
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub async fn start(setup: &Setup, clock: Clock) -> Result<Running, StartError> {
    let config = &setup.config;
    let http = config.http.clone().ok_or(StartError::NotHttp)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let ring = Arc::new(KeyRing::new(&http.keys)?);
    let store: Arc<dyn Store> = match sqlite::open(&http.store).await {
        Ok(store) => Arc::new(store),
        Err(source) => {
            return Err(StartError::Store {
                path: http.store.clone(),
                source,
            });
        }
    };
    store::check_ring(&*store, &ring).await?;
    let kestra = Kestra::new(&config.kestra, clock.clone()).with_credentials(http.credentials.mode);
    let kestra = Arc::new(kestra);
    for warning in kestra.warnings() {
        tracing::warn!("{warning}");
    }
    let listener = listen(http.listen.bind).await?;
    let metrics = match http.listen.metrics {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let address = bound(&listener, http.listen.bind)?;
    let metrics_address = match (&metrics, http.listen.metrics) {
        (Some(listener), Some(asked)) => Some(bound(listener, asked)?),
        _ => None,
    };
    let public = http.listen.public(address);
    let policy = Policy::new(config.kestra.access, setup.roles.clone());
    let auth = Auth::open(auth::Parts {
        config: Arc::clone(&http),
        public: public.clone(),
        store: Arc::clone(&store),
        ring,
        clock: clock.clone(),
        policy: policy.clone(),
        kestra: Arc::clone(&kestra),
    })
    .await?;
    let stop = CancellationToken::new();
    Ok(todo(auth, stop))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

fn bound(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|source| StartError::Listen {
        address: asked,
        source,
    })
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

    /// Takes no more requests, finishes those in flight, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            // A task that panicked has said so.
            let _ = task.await;
        }
    }
}

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
            return;
        }
    }
    let _ = interrupt.await;
}
