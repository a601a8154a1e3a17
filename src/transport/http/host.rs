//! `Host` and `Origin`, against DNS rebinding and requests of other sites: a browser does not forge
//! them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use url::{Origin, Url};

use crate::config::http::{Listen, Public};
use crate::secret::visible;

/// How many refused values are logged, each once.
const TOLD: usize = 64;
/// Bytes of a logged value.
const CUT: usize = 100;

/// The names of this machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A value of `Host`; without a port it matches any.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    host: String,
    port: Option<u16>,
}

/// The hosts and origins of this server.
#[derive(Debug)]
pub(super) struct Hosts {
    names: Vec<Known>,
    origins: Vec<Origin>,
    /// Values that were logged.
    told: Mutex<HashSet<String>>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stranger {
    NoHost,
    Host,
    Origin,
}

fn known(text: &str) -> Known {
    let bare = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
    match Authority::try_from(text) {
        Ok(authority) => Known {
            host: bare(authority.host()),
            port: authority.port_u16(),
        },
        // An IPv6 address without brackets.
        Err(_) => Known {
            host: bare(text),
            port: None,
        },
    }
}

/// The origin in `text`, if it is one.
fn origin(text: &str) -> Option<Origin> {
    let origin = Url::parse(text).ok()?.origin();
    origin.is_tuple().then_some(origin)
}

/// The value of a header that a request may have once.
enum Said<'a> {
    Nothing,
    Text(&'a str),
    /// The header is repeated, which can hide the first value, or is not text.
    Odd,
}

impl<'a> Said<'a> {
    fn by(headers: &'a HeaderMap, name: HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Nothing,
            (Some(value), None) => value.to_str().map_or(Self::Odd, Self::Text),
            (Some(_), Some(_)) => Self::Odd,
        }
    }
}

impl Hosts {
    pub(super) fn new(listen: &Listen, public: &Public) -> Self {
        let names = std::iter::once(public.authority())
            .chain(LOOPBACK)
            .chain(listen.allowed_hosts.iter().map(String::as_str))
            .map(known)
            .collect();
        let origins = std::iter::once(&*public.issuer)
            .chain(listen.allowed_origins.iter().map(String::as_str))
            .filter_map(origin)
            .collect();
        Self {
            names,
            origins,
            told: Mutex::default(),
        }
    }

    /// The same with the address that `listen` names for numbers, where it is one of this machine's:
    /// whoever collects them writes it in the header.
    pub(super) fn of_numbers(listen: &Listen, public: &Public) -> Self {
        let mut hosts = Self::new(listen, public);
        let at = listen.metrics.filter(|at| !at.ip().is_unspecified());
        hosts.names.extend(at.map(|at| Known {
            host: at.ip().to_string(),
            port: None,
        }));
        hosts
    }

    /// The hosts, as text.
    pub(super) fn hosts(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|known| {
            let host = if known.host.contains(':') {
                format!("[{}]", known.host)
            } else {
                known.host.clone()
            };
            match known.port {
                Some(port) => format!("{host}:{port}"),
                None => host,
            }
        })
    }

    /// The origins, each with its port.
    pub(super) fn origins(&self) -> impl Iterator<Item = String> {
        self.origins.iter().filter_map(|origin| match origin {
            Origin::Tuple(scheme, host, port) => Some(format!("{scheme}://{host}:{port}")),
            Origin::Opaque(_) => None,
        })
    }

    /// `value`, cleaned and cut, if it is to be logged: each once, and not too many.
    fn news(&self, value: &HeaderValue) -> Option<String> {
        let text = String::from_utf8_lossy(value.as_bytes());
        let mut text = visible(&text).into_owned();
        text.truncate(text.floor_char_boundary(CUT));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        (told.len() < TOLD && told.insert(text.clone())).then_some(text)
    }

    /// Logs, once for each value, how the operator can allow it.
    fn tell(&self, stranger: Stranger, headers: &HeaderMap) {
        let value = |name| headers.get(name).and_then(|value| self.news(value));
        match stranger {
            Stranger::NoHost => {}
            Stranger::Host => {
                if let Some(host) = value(HOST) {
                    tracing::info!(
                        host,
                        "turned away: if this server is to be known under that host, add it to \
                         KESTRA_MCP_ALLOWED_HOSTS"
                    );
                }
            }
            Stranger::Origin => {
                if let Some(origin) = value(ORIGIN) {
                    tracing::info!(
                        origin,
                        "turned away: if pages of that site may use this server, add it to \
                         KESTRA_MCP_ALLOWED_ORIGINS"
                    );
                }
            }
        }
    }

    fn judge(&self, request: &Request) -> Result<(), Stranger> {
        let headers = request.headers();
        let host = match Said::by(headers, HOST) {
            Said::Text(host) => known(host),
            Said::Nothing => return Err(Stranger::NoHost),
            Said::Odd => return Err(Stranger::Host),
        };
        let ours = |ours: &Known| {
            ours.host == host.host && (ours.port.is_none() || ours.port == host.port)
        };
        if !self.names.iter().any(ours) {
            return Err(Stranger::Host);
        }
        match Said::by(headers, ORIGIN) {
            Said::Nothing => Ok(()),
            Said::Text(text) => origin(text)
                .filter(|origin| self.origins.contains(origin))
                .map(|_| ())
                .ok_or(Stranger::Origin),
            Said::Odd => Err(Stranger::Origin),
        }
    }
}

/// The 403 for a foreign host or origin.
pub(super) fn refusal(hosts: &Hosts, request: &Request) -> Option<Response> {
    let stranger = hosts.judge(request).err()?;
    hosts.tell(stranger, request.headers());
    let (status, text) = match stranger {
        Stranger::NoHost => (StatusCode::BAD_REQUEST, "The header Host is missing.\n"),
        Stranger::Host => (
            StatusCode::FORBIDDEN,
            "This server does not answer to the host in the Host header.\n",
        ),
        Stranger::Origin => (
            StatusCode::FORBIDDEN,
            "This server takes no requests from the site of the header Origin.\n",
        ),
    };
    Some((status, text).into_response())
}

/// Passes on a request whose host and origin are allowed.
pub(super) async fn pass(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&hosts, &request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::body::Body;

    use super::*;

    fn listen() -> Listen {
        Listen {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            metrics: Some(SocketAddr::from(([10, 1, 2, 3], 9464))),
            public: None,
            allowed_hosts: vec!["other.example:8080".into(), "Bare.example".into()],
            allowed_origins: vec!["https://app.example".into()],
            trusted_proxies: Vec::new(),
            max_body: 1,
            otlp: None,
        }
    }

    fn public() -> Public {
        Public::new("https://mcp.example")
    }

    fn judged(headers: &[(&str, &str)]) -> Result<(), Stranger> {
        judged_by(&Hosts::new(&listen(), &public()), headers)
    }

    fn judged_by(hosts: &Hosts, headers: &[(&str, &str)]) -> Result<(), Stranger> {
        let mut request = Request::builder().uri("/mcp");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        hosts.judge(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn numbers_are_found_under_their_own_address_too() {
        let numbers = Hosts::of_numbers(&listen(), &public());
        for host in [
            "10.1.2.3:9464",
            "127.0.0.1:9464",
            "mcp.example",
            "bare.example",
        ] {
            assert_eq!(judged_by(&numbers, &[("host", host)]), Ok(()), "{host}");
        }
        let stranger = [("host", "evil.example:9464")];
        assert_eq!(judged_by(&numbers, &stranger), Err(Stranger::Host));
        // Any address is none of a name.
        let anywhere = Listen {
            metrics: Some(SocketAddr::from(([0, 0, 0, 0], 9464))),
            ..listen()
        };
        let numbers = Hosts::of_numbers(&anywhere, &public());
        let host = [("host", "0.0.0.0:9464")];
        assert_eq!(judged_by(&numbers, &host), Err(Stranger::Host));
        assert_eq!(judged(&[("host", "10.1.2.3:9464")]), Err(Stranger::Host));
    }

    #[test]
    fn hosts_are_ours_or_strangers() {
        for host in [
            "mcp.example",
            "MCP.example:443",
            "127.0.0.1:8081",
            "localhost",
            "[::1]:9",
            "other.example:8080",
            "bare.example:1",
        ] {
            assert_eq!(judged(&[("host", host)]), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "mcp.example.evil.example",
            "other.example",
            "other.example:80",
            "",
            "mcp.example@evil.example",
            "xmcp.example",
        ] {
            assert_eq!(judged(&[("host", host)]), Err(Stranger::Host), "{host}");
        }
        assert_eq!(judged(&[]), Err(Stranger::NoHost));
        let two = [("host", "mcp.example"), ("host", "mcp.example")];
        assert_eq!(judged(&two), Err(Stranger::Host));
    }

    #[test]
    fn origins_are_ours_or_strangers() {
        let from = |origin: &str| judged(&[("host", "mcp.example"), ("origin", origin)]);
        for origin in [
            "https://mcp.example",
            "https://mcp.example:443",
            "https://app.example",
        ] {
            assert_eq!(from(origin), Ok(()), "{origin}");
        }
        for origin in [
            "null",
            "http://mcp.example",
            "https://mcp.example:8443",
            "https://evil.example",
            "https://app.example.evil.example",
            "http://127.0.0.1:8081",
            "file://",
            "",
            "mcp.example",
        ] {
            assert_eq!(from(origin), Err(Stranger::Origin), "{origin}");
        }
    }
}
