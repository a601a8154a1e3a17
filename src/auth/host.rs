//! The host of a URL, for people.

use url::Url;

/// The host of an address, with its port; in ASCII.
pub(in crate::auth) fn host_of(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        let port = url.port();
        Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_default()
}
