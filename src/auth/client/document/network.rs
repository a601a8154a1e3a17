//! The network that documents are fetched over.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;

/// How names are resolved.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// All IP addresses of `host`.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug)]
pub(super) struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// How names are resolved, which certificates are trusted, and which IP addresses may be connected
/// to.
///
/// The server uses [`Network::internet`], and no setting changes that. Tests bring their own.
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) resolver: Arc<dyn Resolver>,
    /// PEM; without one, the system's authorities are trusted.
    pub(super) authority: Option<Vec<u8>>,
    /// IP addresses that count as public.
    pub(super) also: Vec<IpAddr>,
}

impl Network {
    /// The public internet.
    pub fn internet() -> Self {
        Self {
            resolver: Arc::new(SystemResolver),
            authority: None,
            also: Vec::new(),
        }
    }

    /// A network for a test: its `resolver`, its one `authority` (PEM), and IP addresses that count
    /// as public in addition to those that are.
    pub fn of(resolver: Arc<dyn Resolver>, authority: Vec<u8>, also: Vec<IpAddr>) -> Self {
        Self {
            resolver,
            authority: Some(authority),
            also,
        }
    }
}
