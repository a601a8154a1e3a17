//! Reads client metadata documents, and bounds how many.

use std::fmt;

use tokio::sync::Semaphore;

use super::cache::Shelf;
use super::content::Document;
use super::fault::DocumentFault;
use super::fetch::Fetcher;
use super::location::allowed;
use super::outside::Outside;
use super::probed::Probed;
use crate::auth::client::redirect::Apps;
use crate::auth::limit::{Rate, Source};
use crate::clock::Clock;
use crate::config::http::Authorization;
use crate::store::{Client, Ms};

/// Documents that are fetched at once: slow servers of a few addresses, which have three each in
/// flight, must not keep others out.
const AT_ONCE: usize = 64;

/// Documents that one address may have fetched in a minute.
const PER_SOURCE: u32 = 20;

/// Documents that are fetched from one host in a minute.
const PER_HOST: u32 = 10;

/// How often a document that was read before is fetched in a minute, whatever else is: whoever has much
/// fetched must not be able to hide that one was taken back.
const PER_KNOWN: u32 = 1;

/// Fetches documents and keeps those that are good for as long as their servers allow.
pub struct Documents {
    fetcher: Fetcher,
    pub(super) shelf: Shelf,
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
    /// With documents from `outside`, by the way that `settings` name.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read, or the proxy cannot be used.
    pub fn new(outside: &Outside, settings: &Authorization) -> Result<Self, reqwest::Error> {
        Ok(Self {
            fetcher: Fetcher::new(outside, settings.documents.proxy.as_ref())?,
            shelf: Shelf::default(),
            probed: Probed::default(),
            by_source: Rate::per_minute(PER_SOURCE),
            by_host: Rate::per_minute(PER_HOST),
            by_known: Rate::per_minute(PER_KNOWN),
            at_once: Semaphore::new(AT_ONCE),
        })
    }

    /// The client of that document, as its server says it now; kept for as long as that allows.
    ///
    /// # Errors
    /// See [`DocumentFault`].
    pub async fn read(
        &self,
        id: &str,
        settings: &Authorization,
        clock: &Clock,
    ) -> Result<Client, DocumentFault> {
        let url = allowed(id, &settings.documents.hosts)?;
        let fetched = self.fetcher.fetch(url).await?;
        let document: Document =
            serde_json::from_slice(&fetched.body).map_err(|_| DocumentFault::Content {
                what: "no JSON of a client",
            })?;
        let now = Ms::try_from(clock.now_ms()).unwrap_or(Ms::MAX);
        let client = document
            .client(id, Apps::Listed(&settings.redirect_schemes), now)
            .map_err(|what| DocumentFault::Content { what })?;
        self.shelf.put(&client, fetched.fresh, now);
        Ok(client)
    }

    /// The same for somebody who opened a page, who must not be able to have much fetched.
    pub(super) async fn read_for(
        &self,
        id: &str,
        source: Source,
        settings: &Authorization,
        clock: &Clock,
    ) -> Result<Client, DocumentFault> {
        let url = allowed(id, &settings.documents.hosts)?;
        let host = url.host_str().unwrap_or_default();
        let is_much =
            !self.by_source.take(source, clock) || !self.by_host.take(host.to_owned(), clock);
        let permit = self.at_once.try_acquire();
        let (false, Ok(_permit)) = (is_much, permit) else {
            return Err(DocumentFault::Rate);
        };
        self.read(id, settings, clock).await
    }
}
