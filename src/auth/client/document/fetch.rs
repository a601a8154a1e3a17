//! How a document is fetched: from the public internet, over TLS, directly or through the one proxy
//! that the operator names, once, and not for long.

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

use super::freshness;
use super::public_address::is_public;
use crate::config::documents::Proxy;

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
    /// The name leads nowhere.
    #[error("its name does not resolve")]
    Name,
    /// The proxy of the operator does not let this server through.
    #[error("the proxy refuses")]
    Proxy,
    /// Nobody vouches for whoever answers there.
    #[error("its certificate is not trusted")]
    Certificate,
    /// Not all of it came in time.
    #[error("no answer in time")]
    Slow,
    /// No connection, or none that lasted.
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

impl FetchFault {
    /// Whether the server said nothing of the client: nobody answered, or somebody who does not let
    /// this server see it, as hosts do that keep programs out.
    pub(super) const fn is_silence(&self) -> bool {
        match self {
            Self::Address
            | Self::Name
            | Self::Proxy
            | Self::Certificate
            | Self::Slow
            | Self::Answer
            | Self::Type => true,
            Self::Status { status } => matches!(status, 401 | 403 | 407 | 408 | 425 | 429 | 500..),
            Self::TooLong => false,
        }
    }

    /// What the operator can do about it.
    pub(super) const fn remedy(&self) -> &'static str {
        match self {
            Self::Name | Self::Slow | Self::Answer => {
                "let this server reach the host on port 443, or name a proxy in \
                 oauth.metadata_proxy; or register the client as [[client]] with this id"
            }
            Self::Address => {
                "let this server resolve the host to its public address, or name a proxy in \
                 oauth.metadata_proxy; or register the client as [[client]] with this id"
            }
            Self::Proxy => {
                "have the proxy of oauth.metadata_proxy allow the host on port 443, and check the \
                 login in its address"
            }
            Self::Certificate => {
                "if something on the way opens TLS, have the system trust its authority \
                 (SSL_CERT_FILE); or register the client as [[client]] with this id"
            }
            Self::Status { status: 404 | 410 } => "none: the client is no longer published there",
            Self::Status { .. } | Self::Type | Self::TooLong => {
                "the host does not show the document to this server: register the client as \
                 [[client]] with this id"
            }
        }
    }
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

#[derive(Debug, Error)]
#[error("the name does not resolve")]
struct NoName;

/// Gives a connection only addresses that may be asked: those are what it connects to, so there is
/// no second look-up that could say otherwise.
#[derive(Debug)]
struct Guard(Outside);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let Outside { names, also, .. } = self.0.clone();
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await.map_err(|_| NoName)?;
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

/// Looks up the name of the proxy alone, which is inside: no document is fetched past it.
#[derive(Debug)]
struct Inside(Arc<str>);

impl Resolve for Inside {
    fn resolve(&self, name: Name) -> Resolving {
        let proxy = Arc::clone(&self.0);
        Box::pin(async move {
            if !name.as_str().eq_ignore_ascii_case(&proxy) {
                return Err(NoName.into());
            }
            let found = System.addresses(&proxy).await.map_err(|_| NoName)?;
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
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
    pub(super) fn new(outside: &Outside, proxy: Option<&Proxy>) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("kestra-mcp/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .https_only(true)
            .referer(false)
            .gzip(false)
            .timeout(ALL)
            .pool_max_idle_per_host(0);
        // Through a proxy those of documents are not looked up here: it resolves them, and must keep
        // this server from what is private.
        let builder = match proxy {
            None => builder.dns_resolver(Guard(outside.clone())).no_proxy(),
            Some(proxy) => builder
                .dns_resolver(Inside(proxy.host().into()))
                .proxy(reqwest::Proxy::all(proxy.whole().expose())?),
        };
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
    let mut texts = String::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if cause.is::<NoPublicAddress>() {
            return FetchFault::Address;
        }
        if cause.is::<NoName>() {
            return FetchFault::Name;
        }
        texts.push_str(&cause.to_string().to_ascii_lowercase());
        next = cause.source();
    }
    // Of these only words are known.
    if texts.contains("certificate") {
        FetchFault::Certificate
    } else if texts.contains("proxy") || texts.contains("tunnel error: unsuccessful") {
        FetchFault::Proxy
    } else if error.is_timeout() {
        FetchFault::Slow
    } else {
        FetchFault::Answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn c6_no_name_but_that_of_the_proxy_is_looked_up_past_it() {
        let inside = Inside("localhost".into());
        let looked = async |name: &str| inside.resolve(name.parse().unwrap()).await.is_ok();
        assert!(looked("localhost").await);
        assert!(looked("LocalHost").await);
        for name in [
            "localhost.",
            "localhost.localdomain",
            "client.example",
            "ip6-localhost",
        ] {
            assert!(!looked(name).await, "{name}");
        }
    }
}
