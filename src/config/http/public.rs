//! The public URL of this server.

use std::net::SocketAddr;
use std::sync::Arc;

/// The URL under which the world knows this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// Scheme, host, port, and the path if there is one, without a final slash: the issuer (RFC 8414),
    /// byte for byte.
    pub issuer: Arc<str>,
    /// The port on loopback, if no URL is configured.
    unnamed: Option<u16>,
}

/// The names of this machine. Without a configured URL they all mean this server.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl Public {
    /// A configured URL.
    pub fn new(issuer: impl Into<Arc<str>>) -> Self {
        Self {
            issuer: issuer.into(),
            unnamed: None,
        }
    }

    /// The URL of where it listens, under any name of this machine.
    pub(super) fn unnamed(bound: SocketAddr) -> Self {
        let port = bound.port();
        let host = match bound {
            SocketAddr::V4(bound) => bound.ip().to_string(),
            SocketAddr::V6(bound) => format!("[{}]", bound.ip()),
        };
        Self {
            issuer: format!("http://{}", at(&host, port)).into(),
            unnamed: Some(port),
        }
    }

    /// The same server under the name in the `Host` of a request. Only the names of this machine count,
    /// and only if no URL is configured: clients compare what they find with what their person typed
    /// (RFC 9728 section 3.3, RFC 8414 section 3.3).
    #[must_use]
    pub fn called(&self, host: Option<&str>) -> Self {
        let mut others = self.others();
        let is_it =
            |other: &Self| host.is_some_and(|host| host.eq_ignore_ascii_case(other.authority()));
        others.find(is_it).unwrap_or_else(|| self.clone())
    }

    /// The same server under its other names, if it has any.
    pub fn others(&self) -> impl Iterator<Item = Self> {
        let names = self.unnamed.into_iter();
        let names = names.flat_map(|port| NAMES.map(|name| (name, port)));
        names
            .map(|(name, port)| Self {
                issuer: format!("http://{}", at(name, port)).into(),
                unnamed: Some(port),
            })
            .filter(|other| other.issuer != self.issuer)
    }

    /// The resource (RFC 8707): the URL of the MCP endpoint.
    pub fn resource(&self) -> String {
        format!("{}/mcp", self.issuer)
    }

    /// The URL of the account page.
    pub fn account(&self) -> String {
        format!("{}/account", self.issuer)
    }

    /// Whether it is reached over TLS; otherwise it is on loopback.
    pub fn is_https(&self) -> bool {
        self.issuer.starts_with("https:")
    }

    /// Host and port as a browser sends them in `Host`.
    pub fn authority(&self) -> &str {
        let rest = self.issuer.split_once("://");
        let rest = rest.map_or(&*self.issuer, |(_, rest)| rest);
        rest.split_once('/')
            .map_or(rest, |(authority, _)| authority)
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        let path = self.path().len();
        self.issuer
            .get(..self.issuer.len() - path)
            .unwrap_or_default()
    }

    /// The path after the port, such as `/kestra/mcp`, or an empty text. A proxy may keep it in the
    /// requests that it forwards, or strip it.
    pub fn path(&self) -> &str {
        let rest = self.issuer.split_once("://").map_or("", |(_, rest)| rest);
        let start = rest.find('/').unwrap_or(rest.len());
        rest.get(start..).unwrap_or_default()
    }
}

/// Host and port as clients write them.
fn at(host: &str, port: u16) -> String {
    match port {
        80 => host.to_owned(),
        port => format!("{host}:{port}"),
    }
}
