//! The URLs that documents may have.

use url::{Host, Url};

use super::fault::DocumentError;

/// Bytes of the URL of a document.
const LONGEST: usize = 512;

/// Characters of a host in a message.
const TOLD: usize = 100;

/// The host of `id`, shortened for a message; none if `id` is not a URL.
pub fn host_of(id: &str) -> Option<String> {
    let url = Url::parse(id).ok()?;
    Some(url.host_str()?.chars().take(TOLD).collect())
}

/// What is wrong with `id` as the URL of a document on one of `hosts`; an empty list allows every
/// host.
pub fn problem(id: &str, hosts: &[String]) -> Option<String> {
    allowed(id, hosts).err().map(|fault| fault.to_string())
}

/// The URL of a document, if `id` is one.
///
/// It must be in the form that a parser writes: dot segments, an odd spelling of an IP address, a
/// default port or upper case would give one document two ids.
fn address_of(id: &str) -> Result<Url, DocumentError> {
    let refuse = |what| Err(DocumentError::Address { what });
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
        Some(Host::Domain(_)) => return refuse("its host is not a domain name"),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => return refuse("its host is an IP address"),
    }
    if url.path() == "/" {
        return refuse("it has no path");
    }
    if url.as_str() != id {
        return refuse("it is not in its normal form");
    }
    Ok(url)
}

/// The same, if the operator allows its host.
pub(super) fn allowed(id: &str, hosts: &[String]) -> Result<Url, DocumentError> {
    let url = address_of(id)?;
    let host = url.host_str().unwrap_or_default();
    if hosts.is_empty() || hosts.iter().any(|allowed| allowed == host) {
        Ok(url)
    } else {
        Err(DocumentError::Host)
    }
}
