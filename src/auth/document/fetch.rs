//! How a document is fetched: from the public internet, over TLS, directly, once, and not for long.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::Url;

use super::address::is_public;
use super::freshness;

/// For everything: the name, the connection, and the last byte.
const ALL: Duration = Duration::from_secs(10);
/// Bytes of a document.
const LONGEST: usize = 5 * 1024;

/// Why a document could not be fetched.
#[derive(Debug, Error)]
pub enum FetchFault {
    /// The name leads to no public address.
    #[error("no public address")]
    Address,
    /// No connection, no TLS, no answer in time.
    #[error("no answer")]
    Answer,
    /// Another status than 200, redirects included.
    #[error("the status {status}")]
    Status {
        /// HTTP status.
        status: u16,
    },
    /// It is not JSON.
    #[error("another type of content")]
    Type,
    /// It has more than 5 KiB.
    #[error("too long")]
    TooLong,
}

/// How names become addresses.
#[async_trait]
pub trait Names: fmt::Debug + Send + Sync {
    /// All addresses of `host`.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The names of the machine.
#[derive(Debug)]
struct System;

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
    names: Arc<dyn Names>,
    /// PEM; none is the authorities of the machine.
    authority: Option<Vec<u8>>,
    /// Addresses that count as public.
    also: Vec<IpAddr>,
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

#[derive(Debug, Error)]
#[error("the name leads to no public address")]
struct NoPublicAddress;

/// Gives a connection only addresses that may be asked: those are what it connects to, so there is
/// no second look-up that could say otherwise.
#[derive(Debug)]
struct Guard(Outside);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let Outside { names, also, .. } = self.0.clone();
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            let public: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| is_public(*address) || also.contains(address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if public.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// A document as it came.
pub(super) struct Fetched {
    /// At most 5 KiB.
    pub(super) body: Vec<u8>,
    /// Seconds for which it may be kept.
    pub(super) fresh: u64,
}

/// The client for documents: it shares nothing with the others.
pub(super) struct Fetcher(reqwest::Client);

impl Fetcher {
    pub(super) fn new(outside: &Outside) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("kestra-mcp/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Guard(outside.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(true)
            .referer(false)
            .gzip(false)
            .timeout(ALL)
            .pool_max_idle_per_host(0);
        let builder = match &outside.authority {
            None => builder,
            Some(pem) => builder.tls_certs_only([reqwest::Certificate::from_pem(pem)?]),
        };
        builder.build().map(Self)
    }

    pub(super) async fn fetch(&self, url: Url) -> Result<Fetched, FetchFault> {
        let request = self.0.get(url).header(ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(|error| fault(&error))?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(FetchFault::Status { status });
        }
        let kind = answer.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        let is_json = kind == "application/json"
            || (kind.starts_with("application/") && kind.ends_with("+json"));
        if !is_json {
            return Err(FetchFault::Type);
        }
        let fresh = freshness::seconds(answer.headers());
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| fault(&error))? {
            if body.len().saturating_add(piece.len()) > LONGEST {
                return Err(FetchFault::TooLong);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Fetched { body, fresh })
    }
}

fn fault(error: &reqwest::Error) -> FetchFault {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if cause.is::<NoPublicAddress>() {
            return FetchFault::Address;
        }
        next = cause.source();
    }
    FetchFault::Answer
}
