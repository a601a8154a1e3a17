//! The settings of client metadata documents.

use http::Uri;
use url::Url;

use super::super::documents::{ClientDocuments, Proxy};
use super::super::settings::oauth as settings;
use super::context::Check;
use super::urls::{NO_HOST, has_host, is_web};
use crate::secret::Secret;

/// Documents of widespread clients, Claude Code and VS Code, which show whether fetching works.
const KNOWN: [&str; 2] = [
    "https://claude.ai/oauth/claude-code-client-metadata",
    "https://vscode.dev/oauth/client-metadata.json",
];
/// The most documents to probe.
const MOST: usize = 16;

pub(super) fn documents(check: &mut Check<'_>) -> ClientDocuments {
    let hosts = check.list(&settings::METADATA_HOSTS);
    check.hold_all(&settings::METADATA_HOSTS, &hosts, "all");
    let probe = probe(check, &hosts);
    check.hold_all(&settings::METADATA_PROBE, &probe, "none");
    let proxy = proxy(check);
    let shown = proxy.as_ref().map(ToString::to_string);
    check.holds(
        &settings::METADATA_PROXY,
        shown.as_deref().unwrap_or("none"),
    );
    ClientDocuments {
        mode: check.choice(&settings::CLIENT_DOCUMENTS),
        hosts,
        probe,
        proxy,
    }
}

/// The documents to probe; by default the known ones on allowed hosts.
fn probe(check: &mut Check<'_>, hosts: &[String]) -> Vec<String> {
    let Some(found) = check.found(&settings::METADATA_PROBE) else {
        let is_allowed = |document: &&str| {
            let url = Url::parse(document).ok();
            let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
            hosts.is_empty() || hosts.iter().any(|allowed| allowed == host)
        };
        let known = KNOWN.into_iter().filter(is_allowed);
        return known.map(str::to_owned).collect();
    };
    let mut documents = check.list(&settings::METADATA_PROBE);
    documents.sort_unstable();
    documents.dedup();
    if documents.len() > MOST {
        let problem = format!("lists more than {MOST} documents");
        check.fault(
            found,
            problem,
            "keep those of the clients that your people use",
        );
    }
    documents
}

/// Its text is never shown: there may be a password in it.
fn proxy(check: &mut Check<'_>) -> Option<Proxy> {
    let found = check.found(&settings::METADATA_PROXY)?;
    let text = found.text.trim();
    let problem = match Url::parse(text) {
        Err(_) => "is not a URL",
        Ok(url) if !is_web(&url) => "is neither http nor https",
        Ok(url) if url.query().is_some() || url.fragment().is_some() || url.path() != "/" => {
            "has more than a host, a port and a login"
        }
        Ok(mut url) => {
            let has_login = !url.username().is_empty() || url.password().is_some();
            // The HTTP client silently ignores a proxy that it cannot read.
            let is_usable = has_host(&url) && url.as_str().parse::<Uri>().is_ok();
            let is_clear = url.set_username("").is_ok() && url.set_password(None).is_ok();
            if is_clear && is_usable {
                return Some(Proxy::new(url, Secret::new(text), has_login));
            }
            if is_clear { NO_HOST } else { "has no host" }
        }
    };
    check.fault(
        found,
        problem,
        "write it like http://proxy.example.com:3128",
    );
    None
}
