//! The HTTP client for Kestra: limits, TLS, proxy and credential.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use url::{Host, Url};

use crate::config::{Credential, Trust};
use crate::secret::Redactor;

/// The timeout of a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// The timeout between two parts of an answer.
const SILENCE: Duration = Duration::from_secs(30);
/// Idle connections are closed before a proxy closes them.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections that are kept: of calls at once, as many as end in the same moment. With fewer, one call
/// of eighteen had to connect again when 16 were in flight.
const KEPT: usize = 32;

/// What is insecure about the connection to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// The credential crosses a network unencrypted.
    Plain,
    /// Certificates are not verified.
    AnyCertificate,
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "the credential travels unencrypted: use an https address",
            Self::AnyCertificate => "certificates are not checked: anyone can read the credential",
        })
    }
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proximity {
    /// Over a network, and the proxy that the environment names.
    Network,
    /// On this machine: a proxy elsewhere cannot reach it, and must not see what goes there.
    Machine,
}

impl Proximity {
    pub(super) fn to(base: Option<&Url>) -> Self {
        let own = match base.and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if own { Self::Machine } else { Self::Network }
    }
}

/// The header, marked sensitive; what is secret in it is remembered.
pub(super) fn authorization(credential: &Credential, secrets: &Redactor) -> Option<HeaderValue> {
    let text = match credential {
        Credential::None => return None,
        Credential::Token { token, .. } => {
            secrets.pin(token.expose());
            format!("Bearer {}", token.expose())
        }
        Credential::Basic { username, password } => {
            let pair = format!("{username}:{}", password.expose());
            secrets.pin(password.expose());
            secrets.pin(&pair);
            format!("Basic {}", STANDARD.encode(pair))
        }
    };
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A client with the limits of this program: no redirects (they would take the credential
/// elsewhere), no cookies, bounded waits. Without `trust` it knows no TLS.
///
/// # Errors
/// When the certificates of this machine cannot be read.
pub fn http_client(trust: Option<&Trust>) -> Result<reqwest::Client, reqwest::Error> {
    client(Proximity::Network, trust)
}

/// The same, on the proximity that leads to `url`.
///
/// # Errors
/// When the certificates of this machine cannot be read.
pub fn http_client_to(url: &Url, trust: Option<&Trust>) -> Result<reqwest::Client, reqwest::Error> {
    client(Proximity::to(Some(url)), trust)
}

/// The same, on a proximity that is known.
pub(super) fn client(
    proximity: Proximity,
    trust: Option<&Trust>,
) -> Result<reqwest::Client, reqwest::Error> {
    let builder = match proximity {
        Proximity::Network => reqwest::Client::builder(),
        Proximity::Machine => reqwest::Client::builder().no_proxy(),
    };
    let builder = builder
        .user_agent(concat!("kestra-mcp/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(KEPT);
    match trust {
        None => builder.tls_certs_only([]),
        Some(Trust::System) => builder,
        Some(Trust::Extra(pem)) => {
            builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?)
        }
        Some(Trust::Anyone) => builder
            .tls_certs_only([])
            .tls_danger_accept_invalid_certs(true),
    }
    .build()
}
