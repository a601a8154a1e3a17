//! Client ID Metadata Documents: clients whose id is the address of what they say of themselves.
//!
//! The address comes from whoever opens `/authorize`, so everything about it is hostile: this server
//! must not become a way to what only it can reach.

pub mod address;
mod fetch;
mod freshness;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::Auth;
use super::client::{AUTHORIZATION_CODE, REFRESH_TOKEN, short_name, text};
use super::limit::{Rate, Source};
use super::redirect::{self, Application, Apps};
use crate::clock::Clock;
use crate::config::http::Authorization;
use crate::store::{AuthMethod, Client, ClientKind, Ms};

pub use fetch::{FetchFault, Names, Outside};

/// Bytes of the address of a document.
const LONGEST: usize = 512;
/// Documents that are kept.
const KEPT: usize = 1024;
/// Documents that are fetched at once: slow servers of a few addresses, which have three each in
/// flight, must not keep others out.
const AT_ONCE: usize = 64;
/// Documents that one address may have fetched in a minute.
const PER_SOURCE: u32 = 20;
/// Documents that are fetched from one host in a minute.
const PER_HOST: u32 = 10;
/// Redirect URIs of one client.
const REDIRECTS: usize = 32;

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
    #[error("the document cannot be fetched")]
    Fetch(#[from] FetchFault),
    /// It does not describe a client of that id, or one that may come in.
    #[error("the document is refused: {what}")]
    Content {
        /// What is wrong with it.
        what: &'static str,
    },
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
fn allowed(id: &str, settings: &Authorization) -> Result<Url, DocumentFault> {
    let url = address_of(id)?;
    let host = url.host_str().unwrap_or_default();
    let hosts = &settings.metadata_hosts;
    if hosts.is_empty() || hosts.iter().any(|allowed| allowed == host) {
        Ok(url)
    } else {
        Err(DocumentFault::Host)
    }
}

/// What a document says (draft-ietf-oauth-client-id-metadata-document); an empty text says nothing.
#[derive(Deserialize)]
struct Document {
    #[serde(default, deserialize_with = "text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    application_type: Option<String>,
    client_secret: Option<serde_json::Value>,
    client_secret_expires_at: Option<serde_json::Value>,
}

impl Document {
    /// The client that it describes.
    fn client(self, id: &str, apps: Apps<'_>, now: Ms) -> Result<Client, &'static str> {
        if self.client_id.as_deref() != Some(id) {
            return Err("client_id");
        }
        if self.client_secret.is_some() || self.client_secret_expires_at.is_some() {
            return Err("it has a secret");
        }
        let name = self.client_name.unwrap_or_default();
        if name.trim().is_empty() {
            return Err("client_name");
        }
        let mut methods = self.token_endpoint_auth_methods_supported;
        methods.extend(self.token_endpoint_auth_method);
        if !methods.is_empty() && !methods.iter().any(|method| method == "none") {
            return Err("token_endpoint_auth_method");
        }
        let application = Application::of(self.application_type.as_deref());
        let application = application.ok_or("application_type")?;
        let redirect_uris = self.redirect_uris.unwrap_or_default();
        let is_good = |uri: &String| redirect::check(uri, application, apps).is_ok();
        if redirect_uris.is_empty()
            || redirect_uris.len() > REDIRECTS
            || !redirect_uris.iter().all(is_good)
        {
            return Err("redirect_uris");
        }
        if let Some(types) = self.response_types
            && !types.iter().any(|kind| kind == "code")
        {
            return Err("response_types");
        }
        // RFC 7591 section 2: what is omitted is authorization_code.
        let code = vec![AUTHORIZATION_CODE.to_owned()];
        let mut grant_types = self.grant_types.unwrap_or(code);
        grant_types.retain(|kind| [AUTHORIZATION_CODE, REFRESH_TOKEN].contains(&kind.as_str()));
        if !grant_types.iter().any(|kind| kind == AUTHORIZATION_CODE) {
            return Err("grant_types");
        }
        Ok(Client {
            id: id.to_owned(),
            kind: ClientKind::Metadata,
            name: short_name(&name),
            auth_method: AuthMethod::None,
            secret: None,
            redirect_uris,
            application_type: application.as_str().to_owned(),
            grant_types,
            scope: None,
            created: now,
            last_used: None,
        })
    }
}

/// Fetches documents and keeps those that are good for as long as their servers allow.
pub(super) struct Documents {
    fetcher: fetch::Fetcher,
    /// With the time at which they are to be fetched again.
    kept: Mutex<HashMap<String, (Client, u64)>>,
    by_source: Rate<Source>,
    by_host: Rate<String>,
    at_once: Semaphore,
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Documents")
    }
}

impl Documents {
    /// With documents from `outside`.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read.
    pub(super) fn new(outside: &Outside) -> Result<Self, reqwest::Error> {
        Ok(Self {
            fetcher: fetch::Fetcher::new(outside)?,
            kept: Mutex::default(),
            by_source: Rate::per_minute(PER_SOURCE),
            by_host: Rate::per_minute(PER_HOST),
            at_once: Semaphore::new(AT_ONCE),
        })
    }

    fn known(&self, id: &str, clock: &Clock) -> Option<Client> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, until) = kept.get(id)?;
        (clock.now_ms() < *until).then(|| client.clone())
    }

    fn keep(&self, client: &Client, seconds: u64, clock: &Clock) {
        let now = clock.now_ms();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&client.id);
        if seconds == 0 {
            return;
        }
        if kept.len() >= KEPT {
            kept.retain(|_, (_, until)| now < *until);
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let until = now.saturating_add(seconds.saturating_mul(1000));
        kept.insert(client.id.clone(), (client.clone(), until));
    }

    /// The client of that document.
    async fn client(
        &self,
        id: &str,
        source: Source,
        settings: &Authorization,
        clock: &Clock,
    ) -> Result<Client, DocumentFault> {
        let url = allowed(id, settings)?;
        let host = url.host_str().unwrap_or_default();
        if let Some(client) = self.known(id, clock) {
            return Ok(client);
        }
        let is_much =
            !self.by_source.take(source, clock) || !self.by_host.take(host.to_owned(), clock);
        let permit = self.at_once.try_acquire();
        let (false, Ok(_permit)) = (is_much, permit) else {
            return Err(DocumentFault::Rate);
        };
        let fetched = self.fetcher.fetch(url).await?;
        let document: Document =
            serde_json::from_slice(&fetched.body).map_err(|_| DocumentFault::Content {
                what: "no JSON of a client",
            })?;
        let now = Ms::try_from(clock.now_ms()).unwrap_or(Ms::MAX);
        let client = document
            .client(id, Apps::Listed(&settings.redirect_schemes), now)
            .map_err(|what| DocumentFault::Content { what })?;
        self.keep(&client, fetched.fresh, clock);
        Ok(client)
    }
}

impl Auth {
    /// Whether `id` can only be the address of a document, and documents are taken.
    pub(super) fn is_document(&self, id: &str) -> bool {
        self.0.config.authorization.metadata_documents && id.contains("://")
    }

    /// Whether a document may be at `id`.
    pub(super) fn check_document(&self, id: &str) -> Result<(), DocumentFault> {
        allowed(id, &self.0.config.authorization).map(|_| ())
    }

    /// The client whose metadata document is at `id`.
    pub(super) async fn client_of_document(
        &self,
        id: &str,
        source: Source,
    ) -> Result<Client, DocumentFault> {
        let inner = &self.0;
        let settings = &inner.config.authorization;
        let client = inner
            .documents
            .client(id, source, settings, &inner.clock)
            .await;
        if let Err(fault) = &client {
            let cause = std::error::Error::source(fault).map(ToString::to_string);
            tracing::info!(%fault, cause, "a client metadata document is refused");
        }
        client
    }
}
