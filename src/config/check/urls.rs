//! What the URLs and ids of the configuration have in common.

use http::uri::Authority;
use url::{Host, Url};

use super::super::place::Found;
use super::context::Check;

/// The problem of a URL without a valid host; see [`has_host`].
pub(super) const NO_HOST: &str = "has characters in its host that are not valid there";

/// Whether HTTP clients accept the host of `url` too. Browsers accept hosts such as `${host}`, and so
/// does [`Url`].
pub(super) fn has_host(url: &Url) -> bool {
    let read = |host: &str| {
        host.parse::<Authority>()
            .is_ok_and(|read| read.host() == host)
    };
    url.host_str().is_some_and(read)
}

pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Letters and digits, and then also `.`, `_` and `-`: one path segment that cannot be mistaken for a
/// route.
pub(super) fn is_segment(text: &str) -> bool {
    let mut chars = text.chars();
    text.len() <= 100
        && chars
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
        && chars.all(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_' | '-'))
        && !text.contains("..")
}

/// A URL of a web server without a credential, a query or a fragment; `moved` says where the credential
/// belongs.
pub(super) fn web(check: &mut Check<'_>, found: &Found, example: &str, moved: &str) -> Option<Url> {
    let before = check.faults.len();
    let Ok(url) = Url::parse(found.text.trim()) else {
        check.fault(found, "is not a URL", example);
        return None;
    };
    if !is_web(&url) || url.host_str().is_none() {
        check.fault(found, "is not the URL of a web server", example);
        return None;
    }
    if !has_host(&url) {
        check.fault(found, NO_HOST, example);
    }
    if !url.username().is_empty() || url.password().is_some() {
        check.fault(found, "holds a user name or password", moved);
    }
    if url.query().is_some() || url.fragment().is_some() {
        let remedy = "leave out everything from ? or # on";
        check.fault(found, "has a query or a fragment", remedy);
    }
    (check.faults.len() == before).then_some(url)
}
