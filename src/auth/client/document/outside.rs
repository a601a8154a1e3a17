//! The internet, as far as documents need it.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;

/// How names become addresses.
#[async_trait]
pub trait Names: fmt::Debug + Send + Sync {
    /// All addresses of `host`.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The names of the machine.
#[derive(Debug)]
pub(super) struct System;

#[async_trait]
impl Names for System {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// What lies outside: how names are looked up, whose certificates count, and which addresses may be
/// asked.
///
/// The program knows [`Outside::internet`] alone, and no setting changes it. A test hands in a world
/// of its own.
#[derive(Clone, Debug)]
pub struct Outside {
    pub(super) names: Arc<dyn Names>,
    /// PEM; none is the authorities of the machine.
    pub(super) authority: Option<Vec<u8>>,
    /// Addresses that count as public.
    pub(super) also: Vec<IpAddr>,
}

impl Outside {
    /// The public internet.
    pub fn internet() -> Self {
        Self {
            names: Arc::new(System),
            authority: None,
            also: Vec::new(),
        }
    }

    /// A world for a test: `names`, the one `authority` (PEM), and the addresses that count as
    /// public besides those that are.
    pub fn of(names: Arc<dyn Names>, authority: Vec<u8>, also: Vec<IpAddr>) -> Self {
        Self {
            names,
            authority: Some(authority),
            also,
        }
    }
}
