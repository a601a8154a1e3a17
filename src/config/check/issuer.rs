//! Issuer URLs of identity providers.

use url::Url;

use super::urls::{NO_HOST, has_host, is_loopback};

pub(super) const ISSUER: &str =
    "write it as the provider's discovery document has it, such as https://id.example.com";

/// Paths of Entra ID that stand for many tenants.
const MANY: [&str; 3] = ["common", "organizations", "consumers"];

/// What is wrong with an issuer URL.
pub(super) fn problem(issuer: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(issuer) else {
        return Some("is not a URL");
    };
    if url.host().is_none() {
        return Some("is not the URL of a web server");
    }
    if !has_host(&url) {
        return Some(NO_HOST);
    }
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Some("is not https, and not on this machine");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("has a query or a fragment");
    }
    let first = url.path_segments().and_then(|mut parts| parts.next());
    let is_entra = url.host_str() == Some("login.microsoftonline.com");
    (is_entra && first.is_some_and(|first| MANY.contains(&first)))
        .then_some("stands for many tenants")
}
