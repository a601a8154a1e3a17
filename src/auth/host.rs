//! The host of a URL, for people to read.

use url::Url;

/// The host of a URL, with its port, in ASCII; empty if `address` is not a URL.
pub(in crate::auth) fn host_of(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        let port = url.port();
        Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_default()
}
