//! Client ID Metadata Documents: clients whose id is the address of what they say of themselves.
//!
//! The address comes from whoever opens `/authorize`, so everything about it is hostile: this server
//! must not become a way to what only it can reach.

mod cache;
mod content;
mod fetch;
mod freshness;
mod last_known;
mod probe;
mod public_address;

use std::fmt;

use thiserror::Error;
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::auth::Auth;
use crate::auth::client::redirect::Apps;
use crate::auth::limit::{Rate, Source};
use crate::clock::Clock;
use crate::config::documents::DocumentMode;
use crate::config::http::Authorization;
use crate::store::{Client, Ms};
use cache::Shelf;
use content::Document;
use probe::Probed;

pub use fetch::{FetchFault, Names, Outside};

/// Bytes of the address of a document.
const LONGEST: usize = 512;
/// Characters of a host that are told.
const TOLD: usize = 100;
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

/// Why a document makes no client. What a client hears of it is that there is no such client.
#[derive(Debug, Error)]
pub enum DocumentFault {
    /// The id is not a URL that a document may have.
    #[error("the client id is not the URL of a document: {what}")]
    Address {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The operator did not allow that host.
    #[error("documents of that host are not allowed")]
    Host,
    /// Too many were asked for.
    #[error("too many documents are asked for")]
    Rate,
    /// It could not be fetched.
    #[error("the document cannot be fetched: {0}")]
    Fetch(#[from] FetchFault),
    /// It does not describe a client of that id, or one that may come in.
    #[error("the document is refused: {what}")]
    Content {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl DocumentFault {
    /// What the operator can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Address { .. } => "none: the client names itself wrongly",
            Self::Host => "add the host to oauth.client_metadata_hosts",
            Self::Rate => "wait a minute",
            Self::Fetch(fault) => fault.remedy(),
            Self::Content { .. } => {
                "tell who publishes the client, or register it as [[client]] with this id"
            }
        }
    }

    /// Whether its server said nothing of the client, so that what it said last still counts.
    fn is_silence(&self) -> bool {
        matches!(self, Self::Fetch(fault) if fault.is_silence())
    }
}

/// The host of `id`, shortened for a message; none if `id` is not a URL.
pub fn host_of(id: &str) -> Option<String> {
    let url = Url::parse(id).ok()?;
    Some(url.host_str()?.chars().take(TOLD).collect())
}

/// What is wrong with `id` as the address of a document on one of `hosts`, which are all if there is
/// none.
pub fn problem(id: &str, hosts: &[String]) -> Option<String> {
    allowed(id, hosts).err().map(|fault| fault.to_string())
}

/// The address of a document, if `id` is one.
///
/// It must be written the way it is asked for: what parsing tidies up, such as dot segments, an odd
/// spelling of an address, a default port or upper case, makes two ids of one document.
fn address_of(id: &str) -> Result<Url, DocumentFault> {
    let refuse = |what| Err(DocumentFault::Address { what });
    if id.len() > LONGEST {
        return refuse("it is too long");
    }
    let Ok(url) = Url::parse(id) else {
        return refuse("it cannot be read");
    };
    if url.scheme() != "https" {
        return refuse("it is not https");
    }
    if !url.username().is_empty() || url.password().is_some() || id.contains('@') {
        return refuse("it has user information");
    }
    if url.fragment().is_some() {
        return refuse("it has a fragment");
    }
    match url.host() {
        Some(Host::Domain(name)) if name.contains('.') && !name.ends_with('.') => {}
        Some(Host::Domain(_)) => return refuse("its host is no domain"),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => return refuse("its host is an address"),
    }
    if url.path() == "/" {
        return refuse("it has no path");
    }
    if url.as_str() != id {
        return refuse("it is not written in its plain form");
    }
    Ok(url)
}

/// The same, if the operator allows its host.
fn allowed(id: &str, hosts: &[String]) -> Result<Url, DocumentFault> {
    let url = address_of(id)?;
    let host = url.host_str().unwrap_or_default();
    if hosts.is_empty() || hosts.iter().any(|allowed| allowed == host) {
        Ok(url)
    } else {
        Err(DocumentFault::Host)
    }
}

/// Fetches documents and keeps those that are good for as long as their servers allow.
pub struct Documents {
    fetcher: fetch::Fetcher,
    shelf: Shelf,
    probed: Probed,
    by_source: Rate<Source>,
    by_host: Rate<String>,
    by_known: Rate<String>,
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
            fetcher: fetch::Fetcher::new(outside, settings.documents.proxy.as_ref())?,
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
    async fn read_for(
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

impl Auth {
    /// Whether `id` can only be the address of a document, and documents are taken.
    pub(in crate::auth) fn is_document(&self, id: &str) -> bool {
        let mode = self.0.config.authorization.documents.mode;
        mode != DocumentMode::Off && id.contains("://")
    }

    /// Whether a document may be at `id`.
    pub(in crate::auth) fn check_document(&self, id: &str) -> Result<(), DocumentFault> {
        allowed(id, &self.0.config.authorization.documents.hosts).map(|_| ())
    }

    /// The client whose metadata document is at `id`.
    pub(in crate::auth) async fn client_of_document(
        &self,
        id: &str,
        source: Source,
    ) -> Result<Client, DocumentFault> {
        let inner = &self.0;
        self.check_document(id)?;
        if let Some(client) = inner.documents.shelf.fresh(id, self.now()) {
            return Ok(client);
        }
        let settings = &inner.config.authorization;
        let documents = &inner.documents;
        let mut read = documents.read_for(id, source, settings, &inner.clock).await;
        if matches!(read, Err(DocumentFault::Rate))
            && self.last_document(id).await.is_some()
            && documents.by_known.take(id.to_owned(), &inner.clock)
        {
            read = documents.read(id, settings, &inner.clock).await;
        }
        let fault = match read {
            Ok(client) => {
                self.note_document(&client).await;
                return Ok(client);
            }
            Err(fault) => fault,
        };
        let held = self.held_document(id, &fault).await;
        let (host, remedy) = (host_of(id), fault.remedy());
        match (held, &fault) {
            (Some(client), DocumentFault::Rate) => Ok(client),
            (Some(client), _) => {
                tracing::warn!(
                    host, cause = %fault, remedy,
                    "a client metadata document cannot be read: what it said last holds for a week"
                );
                Ok(client)
            }
            (None, DocumentFault::Fetch(_) | DocumentFault::Content { .. }) => {
                tracing::warn!(
                    host, cause = %fault, remedy,
                    "a client metadata document cannot be read: its client is turned away"
                );
                Err(fault)
            }
            (None, _) => {
                tracing::info!(%fault, "a client metadata document is refused");
                Err(fault)
            }
        }
    }
}
