//! Fetches and parses client metadata documents, within limits.

use std::fmt;

use tokio::sync::Semaphore;

use super::cache::DocumentCache;
use super::content::Document;
use super::fault::DocumentError;
use super::fetch::Fetcher;
use super::location::allowed;
use super::network::Network;
use super::probed::Probed;
use crate::auth::client::redirect::Apps;
use crate::auth::limit::{Rate, Source};
use crate::clock::Clock;
use crate::config::http::Authorization;
use crate::store::{Client, Ms};

/// Documents that are fetched at once. Slow servers behind a few IP addresses, each with three
/// requests in flight, must not keep others out.
const AT_ONCE: usize = 64;

/// Documents that one IP address may have fetched in a minute.
const PER_SOURCE: u32 = 20;

/// Documents that are fetched from one host in a minute.
const PER_HOST: u32 = 10;

/// How often a known document is fetched in a minute when the other limits are used up: whoever
/// uses them up must not be able to hide that a document was withdrawn.
const PER_KNOWN: u32 = 1;

/// Fetches documents, and caches valid ones for as long as their servers allow.
pub struct Documents {
    fetcher: Fetcher,
    pub(super) cache: DocumentCache,
    pub(super) probed: Probed,
    by_source: Rate<Source>,
    by_host: Rate<String>,
    pub(super) by_known: Rate<String>,
    at_once: Semaphore,
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Documents")
    }
}

impl Documents {
    /// Fetches over `network`, as `settings` say.
    ///
    /// # Errors
    /// When the system's certificates cannot be read, or the proxy cannot be used.
    pub fn new(network: &Network, settings: &Authorization) -> Result<Self, reqwest::Error> {
        Ok(Self {
            fetcher: Fetcher::new(network, settings.documents.proxy.as_ref())?,
            cache: DocumentCache::default(),
            probed: Probed::default(),
            by_source: Rate::per_minute(PER_SOURCE),
            by_host: Rate::per_minute(PER_HOST),
            by_known: Rate::per_minute(PER_KNOWN),
            at_once: Semaphore::new(AT_ONCE),
        })
    }

    /// Fetches the client of a document, and caches it for as long as its server allows.
    ///
    /// # Errors
    /// See [`DocumentError`].
    pub async fn read(
        &self,
        id: &str,
        settings: &Authorization,
        clock: &Clock,
    ) -> Result<Client, DocumentError> {
        let url = allowed(id, &settings.documents.hosts)?;
        let fetched = self.fetcher.fetch(url).await?;
        let document: Document =
            serde_json::from_slice(&fetched.body).map_err(|_| DocumentError::Content {
                what: "not JSON that describes a client",
            })?;
        let now = Ms::try_from(clock.now_ms()).unwrap_or(Ms::MAX);
        let client = document
            .client(id, Apps::Listed(&settings.redirect_schemes), now)
            .map_err(|what| DocumentError::Content { what })?;
        self.cache.put(&client, fetched.fresh, now);
        Ok(client)
    }

    /// The same for a person who opened a page: within limits.
    pub(super) async fn read_for(
        &self,
        id: &str,
        source: Source,
        settings: &Authorization,
        clock: &Clock,
    ) -> Result<Client, DocumentError> {
        let url = allowed(id, &settings.documents.hosts)?;
        let host = url.host_str().unwrap_or_default();
        let is_much =
            !self.by_source.take(source, clock) || !self.by_host.take(host.to_owned(), clock);
        let permit = self.at_once.try_acquire();
        let (false, Ok(_permit)) = (is_much, permit) else {
            return Err(DocumentError::Rate);
        };
        self.read(id, settings, clock).await
    }
}
