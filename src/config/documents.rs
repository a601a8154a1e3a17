//! Client ID Metadata Documents: whether they are taken, which are looked at, and by which way.

use std::fmt;

use http::Uri;
use url::Url;

use super::Fault;
use super::check::{NO_HOST, fault, has_host};
use super::raw::Key;
use super::serve::list;
use super::settings::{Setting, Settings};
use crate::secret::Secret;

/// Documents that many clients have, which show whether there is a way out: those of Claude Code and
/// of VS Code.
const KNOWN: [&str; 2] = [
    "https://claude.ai/oauth/claude-code-client-metadata",
    "https://vscode.dev/oauth/client-metadata.json",
];
/// Documents of the list.
const MOST: usize = 16;

/// Client ID Metadata Documents.
#[derive(Clone, Debug)]
pub struct ClientDocuments {
    /// Whether they are taken and announced.
    pub mode: DocumentMode,
    /// The only hosts of such documents; empty is all.
    pub hosts: Vec<String>,
    /// Documents that are fetched now and then, to see whether that works; empty: nobody looks.
    pub probe: Vec<String>,
    /// The one way out where there is no direct one.
    pub proxy: Option<Proxy>,
}

impl ClientDocuments {
    /// Whether it depends on the documents of the list that others are announced.
    pub fn are_probed(&self) -> bool {
        self.mode == DocumentMode::Probed && !self.probe.is_empty()
    }
}

/// Whether documents are taken and announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentMode {
    /// Taken always, announced while one of the list can be read.
    #[default]
    Probed,
    /// Taken and announced.
    On,
    /// Neither.
    Off,
}

impl DocumentMode {
    const ALL: [Self; 3] = [Self::Probed, Self::On, Self::Off];

    /// As the file has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Probed => "probed",
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// A proxy that reaches the hosts of documents, with a login or without.
#[derive(Clone)]
pub struct Proxy {
    /// Without its login.
    address: Url,
    whole: Secret,
    has_login: bool,
}

impl Proxy {
    /// The host, as it is looked up.
    pub fn host(&self) -> &str {
        self.address.host_str().unwrap_or_default()
    }

    /// The whole address, with its login.
    pub const fn whole(&self) -> &Secret {
        &self.whole
    }
}

/// The address, and whether there is a login.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = if self.has_login { ", with a login" } else { "" };
        write!(f, "{}{login}", self.address)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

pub(super) fn documents(settings: &Settings, faults: &mut Vec<Fault>) -> ClientDocuments {
    let hosts = list(settings, Key::MetadataHosts);
    ClientDocuments {
        mode: mode(settings, faults),
        probe: probe(settings, &hosts, faults),
        proxy: settings
            .get(Key::MetadataProxy)
            .and_then(|setting| proxy(setting, faults)),
        hosts,
    }
}

fn mode(settings: &Settings, faults: &mut Vec<Fault>) -> DocumentMode {
    let Some(setting) = settings.get(Key::ClientDocuments) else {
        return DocumentMode::default();
    };
    let said = setting.text.trim();
    let known = DocumentMode::ALL.iter().find(|mode| mode.as_str() == said);
    if known.is_none() {
        let remedy = "set one of them; probed is the default";
        faults.push(fault(setting, "is none of on, off and probed", remedy));
    }
    known.copied().unwrap_or(DocumentMode::Off)
}

/// The documents of the list. Where only some hosts are allowed, those of the default that are on
/// them.
fn probe(settings: &Settings, hosts: &[String], faults: &mut Vec<Fault>) -> Vec<String> {
    let Some(setting) = settings.get(Key::MetadataProbe) else {
        let is_allowed = |document: &&str| {
            let url = Url::parse(document).ok();
            let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
            hosts.is_empty() || hosts.iter().any(|allowed| allowed == host)
        };
        return KNOWN
            .into_iter()
            .filter(is_allowed)
            .map(str::to_owned)
            .collect();
    };
    let mut documents = list(settings, Key::MetadataProbe);
    documents.sort_unstable();
    documents.dedup();
    if documents.len() > MOST {
        let remedy = "keep those that your people's clients have";
        faults.push(fault(
            setting,
            format!("lists more than {MOST} documents"),
            remedy,
        ));
    }
    documents
}

/// Whether what connects can read `address`. Of one that it cannot read it makes no proxy and says
/// nothing, and documents would be fetched past it.
fn connects(address: &Url) -> bool {
    has_host(address) && address.as_str().parse::<Uri>().is_ok()
}

/// Nothing of its text is repeated: there may be a password in it.
fn proxy(setting: &Setting, faults: &mut Vec<Fault>) -> Option<Proxy> {
    let text = setting.text.trim();
    let problem = match Url::parse(text) {
        Err(_) => "is not a URL",
        Ok(url) if !matches!(url.scheme(), "http" | "https") => "is neither http nor https",
        Ok(url) if url.query().is_some() || url.fragment().is_some() || url.path() != "/" => {
            "has more than a host, a port and a login"
        }
        Ok(mut address) => {
            let has_login = !address.username().is_empty() || address.password().is_some();
            let is_usable = connects(&address);
            let is_clear = address.set_username("").is_ok() && address.set_password(None).is_ok();
            if is_clear && is_usable {
                return Some(Proxy {
                    address,
                    whole: Secret::new(text),
                    has_login,
                });
            }
            if is_clear { NO_HOST } else { "has no host" }
        }
    };
    let remedy = "write it like http://proxy.example.com:3128";
    faults.push(fault(setting, problem, remedy));
    None
}
