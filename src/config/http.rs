//! The configuration of the HTTP mode.

mod provider;
mod public;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::documents::ClientDocuments;
use crate::secret::Secret;
use crate::tool::Setting;

pub use super::key::RingKey;
pub use super::role::Role;
pub use super::words::{Administrator, ClaimSource, CredentialMode, RefreshReuse, Userinfo};
pub use provider::{ClaimPath, GivenRole, Match, Provider, Requirement, RoleRule, Shape};
pub use public::Public;

/// The callback of the first provider unless the configuration names one; those of others are below it.
pub const CALLBACK: &str = "/auth/callback";

/// The HTTP mode as a whole.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where it listens.
    pub listen: Listen,
    /// The authorization server.
    pub authorization: Authorization,
    /// Where people sign in; never empty.
    pub providers: Vec<Arc<Provider>>,
    /// The encryption keys; never empty, the first one seals.
    pub keys: Vec<RingKey>,
    /// The database file.
    pub store: PathBuf,
    /// Whose Kestra credentials are used, and for what.
    pub credentials: Credentials,
    /// What people call this Kestra; see [`Http::kestra_name`].
    pub kestra_name: Option<String>,
}

impl Http {
    /// The name of this Kestra for people who have not signed in and must not learn its URL: the
    /// configured one, else the host under which they know this server.
    pub fn kestra_name<'a>(&'a self, public: &'a Public) -> &'a str {
        self.kestra_name
            .as_deref()
            .unwrap_or_else(|| public.authority())
    }

    /// The path to which the provider `id` sends browsers back: each has its own, so that an answer of
    /// another provider cannot pass for one of this provider (RFC 9700 section 4.4.2.2). The path of the
    /// first has no id in it, and the configuration may name it.
    pub fn callback(&self, id: &str) -> String {
        match self.providers.first() {
            Some(first) if first.id != id => further_callback(id),
            _ => self.authorization.callback.clone(),
        }
    }
}

/// The callback of a provider that is not the first.
pub(super) fn further_callback(id: &str) -> String {
    format!("{CALLBACK}/{id}")
}

/// The listener of MCP, authorization and pages, and the one of metrics.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Address and port; port 0 lets the kernel choose.
    pub bind: SocketAddr,
    /// Where `/metrics` is served, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// The public URL as configured; none means where it listens, which is loopback.
    pub public: Option<Public>,
    /// Values of `Host` besides the public host and loopback, as `host` or `host:port`.
    pub allowed_hosts: Vec<String>,
    /// Values of `Origin` besides the public one.
    pub allowed_origins: Vec<String>,
    /// Reverse proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Bytes of a request body.
    pub max_body: usize,
    /// The collector of spans (OTLP over HTTP), if any.
    pub otlp: Option<Url>,
}

impl Listen {
    /// The public URL, once it is known where the server listens.
    pub fn public(&self, bound: SocketAddr) -> Public {
        self.public
            .clone()
            .unwrap_or_else(|| Public::unnamed(bound))
    }
}

/// The authorization server.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Lifetime of an access token, 60 s to 15 min.
    pub access_ttl: Duration,
    /// For how long a spent refresh token is exchanged for the same successor.
    pub refresh_grace: Duration,
    /// What happens when a spent refresh token is used after that.
    pub refresh_reuse: RefreshReuse,
    /// Lifetime of a grant, however often it is refreshed.
    pub grant_ttl: Duration,
    /// Lifetime of a grant whose provider gave no refresh token.
    pub grant_ttl_without_recheck: Duration,
    /// Whether clients may register themselves (RFC 7591).
    pub registration: bool,
    /// The bearer token that clients must present to register.
    pub registration_token: Option<Secret>,
    /// Client metadata documents.
    pub documents: ClientDocuments,
    /// Schemes without a dot that redirect URIs may have of clients that the operator did not register.
    pub redirect_schemes: Vec<String>,
    /// Clients that the operator registered.
    pub clients: Vec<ConfiguredClient>,
    /// The path of the callback of the first provider, such as `/auth/callback`; see
    /// [`Http::callback`].
    pub callback: String,
}

/// A client that the operator registered.
#[derive(Clone, Debug)]
pub struct ConfiguredClient {
    /// `client_id`
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The secret of a confidential client.
    pub secret: Option<Secret>,
    /// The redirect URIs, byte for byte.
    pub redirect_uris: Vec<String>,
}

/// Kestra credentials in the HTTP mode.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose credentials are used.
    pub mode: CredentialMode,
    /// Whether `register_kestra_token` takes the token as an argument.
    pub token_argument: bool,
    /// Whether a user name and password, whose permissions cannot be restricted, may change things.
    pub basic_writes: bool,
    /// What happens to a credential of an administrator.
    pub administrator: Administrator,
    /// How often Kestra is asked again whom a token belongs to.
    pub recheck: Duration,
}

impl Credentials {
    /// The settings that change what tools there are.
    pub fn settings(&self) -> &'static [Setting] {
        // Nobody registers a token where all share one.
        if self.token_argument && self.mode == CredentialMode::PerUser {
            &[Setting::TokenArgument]
        } else {
            &[]
        }
    }
}
