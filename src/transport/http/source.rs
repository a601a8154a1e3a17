//! Where a request comes from: the address of its connection, or the one that trusted proxies forward.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::auth::limit::Source;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Adds the source to the extensions of the request, for the rate limits.
pub(super) async fn find(
    State(trusted): State<Arc<[IpNet]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(ConnectInfo(peer)) = peer {
        let client = client(peer.ip(), request.headers(), &trusted);
        request.extensions_mut().insert(Source::from(client));
    }
    next.run(request).await
}

/// The nearest address that is not a trusted proxy. Each proxy appends the address that it sees, so
/// everything before the first untrusted address may be forged.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut named = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    while is_trusted(&client) {
        match named.next().and_then(address) {
            Some(before) => client = before,
            // Nothing more is known than this proxy.
            None => break,
        }
    }
    client
}

/// An address; some proxies add a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_nearest_stranger_is_the_client() {
        let trusted: Vec<IpNet> = ["10.0.0.0/24", "127.0.0.1/32", "2001:db8::/64"]
            .map(|network| network.parse().unwrap())
            .into();
        for (peer, lines, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.0.0.7", &[], "10.0.0.7"),
            ("10.0.0.7", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.0.0.7", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.7", &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.7", &["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.7", &["203.0.113.9,10.0.0.8"], "203.0.113.9"),
            ("10.0.0.7", &["10.0.0.9, 10.0.0.8"], "10.0.0.9"),
            ("10.0.0.7", &["203.0.113.9:4711"], "203.0.113.9"),
            ("2001:db8::5", &["[2001:db8:1::9]:4711"], "2001:db8:1::9"),
            ("2001:db8::5", &["[2001:db8:1::9]"], "2001:db8:1::9"),
            ("10.0.0.7", &["203.0.113.9, unknown"], "10.0.0.7"),
            ("10.0.0.7", &["203.0.113.9, "], "10.0.0.7"),
            ("10.0.0.7", &["203.0.113.9, unknown, 10.0.0.8"], "10.0.0.8"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let found = client(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found.to_string(), expected, "{peer} {lines:?}");
        }
        let mut headers = HeaderMap::new();
        let odd = HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap();
        headers.append(FORWARDED_FOR, odd);
        let found = client("10.0.0.7".parse().unwrap(), &headers, &trusted);
        assert_eq!(found.to_string(), "203.0.113.9");
    }
}
