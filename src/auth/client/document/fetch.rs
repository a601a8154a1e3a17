//! Fetches a document: from the public internet, over TLS, directly or through the one proxy that
//! the operator configured; without redirects, and within limits.

mod fault;
mod resolver;

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use url::Url;

use super::freshness;
use super::network::Network;
use crate::config::documents::Proxy;
use resolver::{Guard, Inside, NoName, NoPublicAddress};

pub use fault::FetchError;

/// The time limit, from resolving the name to the last byte.
const ALL: Duration = Duration::from_secs(10);
/// Bytes of a document.
const LONGEST: usize = 5 * 1024;

/// A document as fetched.
pub(super) struct Fetched {
    /// At most 5 KiB.
    pub(super) body: Vec<u8>,
    /// Seconds for which it may be cached.
    pub(super) fresh: u64,
}

/// The HTTP client for documents. It shares nothing with the others.
pub(super) struct Fetcher(reqwest::Client);

impl Fetcher {
    pub(super) fn new(network: &Network, proxy: Option<&Proxy>) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("kestra-mcp/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .https_only(true)
            .referer(false)
            .gzip(false)
            .timeout(ALL)
            .pool_max_idle_per_host(0);
        // Through a proxy, the proxy resolves the names, and must itself keep this server away from
        // private networks.
        let builder = match proxy {
            None => builder.dns_resolver(Guard(network.clone())).no_proxy(),
            Some(proxy) => builder
                .dns_resolver(Inside(proxy.host().into()))
                .proxy(reqwest::Proxy::all(proxy.whole().expose())?),
        };
        let builder = match &network.authority {
            None => builder,
            Some(pem) => builder.tls_certs_only([reqwest::Certificate::from_pem(pem)?]),
        };
        builder.build().map(Self)
    }

    pub(super) async fn fetch(&self, url: Url) -> Result<Fetched, FetchError> {
        let request = self.0.get(url).header(ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(|error| fault_of(&error))?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(FetchError::Status { status });
        }
        let kind = answer.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        let is_json = kind == "application/json"
            || (kind.starts_with("application/") && kind.ends_with("+json"));
        if !is_json {
            return Err(FetchError::Type);
        }
        let fresh = freshness::seconds(answer.headers());
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| fault_of(&error))? {
            if body.len().saturating_add(piece.len()) > LONGEST {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Fetched { body, fresh })
    }
}

fn fault_of(error: &reqwest::Error) -> FetchError {
    let mut texts = String::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if cause.is::<NoPublicAddress>() {
            return FetchError::Address;
        }
        if cause.is::<NoName>() {
            return FetchError::Name;
        }
        texts.push_str(&cause.to_string().to_ascii_lowercase());
        next = cause.source();
    }
    // For these, only the text of the error tells them apart.
    if texts.contains("certificate") {
        FetchError::Certificate
    } else if texts.contains("proxy") || texts.contains("tunnel error: unsuccessful") {
        FetchError::Proxy
    } else if error.is_timeout() {
        FetchError::Slow
    } else {
        FetchError::Answer
    }
}
