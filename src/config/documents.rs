//! Client metadata documents: whether they are accepted, from which hosts, and through which proxy.

use std::fmt;

use url::Url;

use crate::secret::Secret;

pub use super::words::DocumentMode;

/// Client metadata documents.
#[derive(Clone, Debug)]
pub struct ClientDocuments {
    /// Whether they are accepted and announced.
    pub mode: DocumentMode,
    /// The only hosts of such documents; empty is all.
    pub hosts: Vec<String>,
    /// Documents that are fetched regularly to check that fetching works; empty: no check.
    pub probe: Vec<String>,
    /// The proxy to fetch them through, for networks without direct access.
    pub proxy: Option<Proxy>,
}

impl ClientDocuments {
    /// Whether it depends on the probed documents that others are announced.
    pub fn are_probed(&self) -> bool {
        self.mode == DocumentMode::Probed && !self.probe.is_empty()
    }
}

/// A proxy for client metadata documents, with a login or without.
#[derive(Clone)]
pub struct Proxy {
    /// Without the login.
    url: Url,
    whole: Secret,
    has_login: bool,
}

impl Proxy {
    /// The proxy of `url`, which has no login, and `whole`, which may have one.
    pub(super) const fn new(url: Url, whole: Secret, has_login: bool) -> Self {
        Self {
            url,
            whole,
            has_login,
        }
    }

    /// The host, to look up.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The whole URL, with the login.
    pub const fn whole(&self) -> &Secret {
        &self.whole
    }
}

/// The URL without its login, and whether there is one.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = if self.has_login { ", with a login" } else { "" };
        write!(f, "{}{login}", self.url)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}
