//! What the HTTP mode is told: where it listens, who may come, and what is kept.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use regex::Regex;
use url::Url;

use super::documents::ClientDocuments;
use crate::secret::Secret;
use crate::tool::Setting;

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
    /// The keys that seal what is kept; never empty, the first seals.
    pub keys: Vec<RingKey>,
    /// The database file.
    pub store: PathBuf,
    /// How Kestra credentials are had.
    pub credentials: Credentials,
    /// What people call this Kestra; see [`Http::kestra_name`].
    pub kestra_name: Option<String>,
}

impl Http {
    /// Which Kestra this is, for people who have not signed in and must not learn its address: the
    /// configured name, else the host under which they know this server.
    pub fn kestra_name<'a>(&'a self, public: &'a Public) -> &'a str {
        self.kestra_name
            .as_deref()
            .unwrap_or_else(|| public.authority())
    }

    /// The path to which the provider `id` sends browsers back: one of its own, so that no answer of
    /// another provider passes for an answer of this one (RFC 9700 section 4.4.2.2). The first keeps
    /// the path that was there when all shared one, and that the configuration may name.
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
    /// Where `/metrics` is served; none is nowhere.
    pub metrics: Option<SocketAddr>,
    /// The public address as configured; none means where it listens, which is loopback.
    pub public: Option<Public>,
    /// Values of `Host` besides the public host and loopback, as `host` or `host:port`.
    pub allowed_hosts: Vec<String>,
    /// Values of `Origin` besides the public one.
    pub allowed_origins: Vec<String>,
    /// Reverse proxies whose `X-Forwarded-For` tells where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Bytes of a request body.
    pub max_body: usize,
    /// Where spans go (OTLP over HTTP); none is nowhere.
    pub otlp: Option<Url>,
}

impl Listen {
    /// The public address, once it is known where the server listens.
    pub fn public(&self, bound: SocketAddr) -> Public {
        self.public
            .clone()
            .unwrap_or_else(|| Public::unnamed(bound))
    }
}

/// Under which address the world knows this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// Scheme, host, port, and the path if there is one, without a final slash: the issuer (RFC 8414),
    /// byte for byte.
    pub issuer: Arc<str>,
    /// Where it listens on loopback without an address that was configured.
    unnamed: Option<u16>,
}

/// The names of this machine. Without a configured address they are one server.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl Public {
    /// A configured address.
    pub fn new(issuer: impl Into<Arc<str>>) -> Self {
        Self {
            issuer: issuer.into(),
            unnamed: None,
        }
    }

    /// Where it listens: people call that as they like.
    fn unnamed(bound: SocketAddr) -> Self {
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

    /// The same server under the name that a request says in `Host`. That counts only for the names of
    /// this machine, and only where no address was configured: clients compare what they find with
    /// what their person typed (RFC 9728 section 3.3, RFC 8414 section 3.3).
    #[must_use]
    pub fn called(&self, host: Option<&str>) -> Self {
        let mut others = self.others();
        let is_it =
            |other: &Self| host.is_some_and(|host| host.eq_ignore_ascii_case(other.authority()));
        others.find(is_it).unwrap_or_else(|| self.clone())
    }

    /// The same server under its other names, where it has any.
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

    /// The resource (RFC 8707): the address of the MCP endpoint.
    pub fn resource(&self) -> String {
        format!("{}/mcp", self.issuer)
    }

    /// The address of the page where people keep what is theirs.
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

    /// What follows the port, such as `/kestra/mcp`; empty where nothing does. A proxy may leave it
    /// in what it hands on, or take it off.
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

/// The authorization server.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Life of an access token, 60 s to 15 min.
    pub access_ttl: Duration,
    /// How long a spent refresh token is answered with the same successor.
    pub refresh_grace: Duration,
    /// What a spent refresh token does that comes again after that.
    pub refresh_reuse: RefreshReuse,
    /// Life of a grant, however often it is refreshed.
    pub grant_ttl: Duration,
    /// Life of a grant whose provider gave no refresh token.
    pub grant_ttl_without_recheck: Duration,
    /// Whether clients may register themselves (RFC 7591).
    pub registration: bool,
    /// Asked of clients that register, as a bearer.
    pub registration_token: Option<Secret>,
    /// Client ID Metadata Documents, whose address is the id of a client.
    pub documents: ClientDocuments,
    /// Schemes without a dot that redirect URIs of clients may have which nobody vouches for.
    pub redirect_schemes: Vec<String>,
    /// Clients that the operator registered.
    pub clients: Vec<ConfiguredClient>,
    /// The path of the callback of the first provider, such as `/auth/callback`; see
    /// [`Http::callback`].
    pub callback: String,
}

/// What becomes of a sign-in whose spent refresh token comes again, long after its successor was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefreshReuse {
    /// It ends, with all its tokens: one of two who have them is a thief (RFC 9700 section 4.14.2).
    #[default]
    End,
    /// It goes on, and the token alone is refused.
    Refuse,
}

/// A client that the operator registered.
#[derive(Clone, Debug)]
pub struct ConfiguredClient {
    /// `client_id`
    pub id: String,
    /// For people.
    pub name: String,
    /// Of a confidential client.
    pub secret: Option<Secret>,
    /// Byte for byte.
    pub redirect_uris: Vec<String>,
}

/// An identity provider (OpenID Connect).
#[derive(Clone, Debug)]
pub struct Provider {
    /// The operator's name for it, which can be a segment of a path.
    pub id: String,
    /// As the provider writes it.
    pub issuer: String,
    /// This server's client there.
    pub client_id: String,
    /// None is a public client there.
    pub client_secret: Option<Secret>,
    /// Other clients of the provider that an ID token may be for besides this server.
    pub trusted_audiences: Vec<String>,
    /// With `openid`.
    pub scopes: Vec<String>,
    /// More parameters of the authorization request.
    pub authorize_params: BTreeMap<String, String>,
    /// The claim that names the person.
    pub subject: ClaimPath,
    /// What must hold of the claims.
    pub require: Vec<Requirement>,
    /// From claims to roles.
    pub rules: Vec<RoleRule>,
    /// Where claims come from.
    pub sources: Vec<ClaimSource>,
    /// When userinfo is asked.
    pub userinfo: Userinfo,
}

/// The way to a claim, such as `/resource_access/kestra-mcp/roles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(pub Vec<String>);

/// As a JSON Pointer (RFC 6901).
impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            write!(f, "/{}", part.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// A claim that must have a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The claim.
    pub claim: ClaimPath,
    /// Its value.
    pub equals: serde_json::Value,
}

/// A claim whose values give roles.
#[derive(Clone, Debug)]
pub struct RoleRule {
    /// The claim.
    pub path: ClaimPath,
    /// How values stand in it.
    pub shape: Shape,
    /// From a value, a prefix or a pattern to the name of a role. None: a value that is the name of a
    /// role gives that role.
    pub map: Option<Vec<(Match, String)>>,
}

/// A role that a rule gives; whether there is one is known to whoever knows all roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRole {
    /// The key that names it, with its file.
    pub place: String,
    /// Its name.
    pub role: String,
}

/// How a value is recognised.
#[derive(Clone, Debug)]
pub enum Match {
    /// The same text.
    Exact(String),
    /// It begins so.
    Prefix(String),
    /// The pattern matches, which its maker has anchored at both ends.
    Pattern(Regex),
}

impl Match {
    /// Whether `value` is meant.
    pub fn fits(&self, value: &str) -> bool {
        match self {
            Self::Exact(text) => value == text,
            Self::Prefix(text) => value.starts_with(text.as_str()),
            Self::Pattern(pattern) => pattern.is_match(value),
        }
    }
}

/// How the values stand in a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// By what is found: a list of texts, or one text.
    Auto,
    /// A list of texts.
    Array,
    /// One text.
    String,
    /// A text, values separated by spaces.
    Space,
    /// A text, values separated by commas.
    Comma,
    /// The keys of an object.
    Keys,
    /// A list of objects: this field of each.
    Field(String),
}

/// Where claims come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimSource {
    /// The ID token.
    IdToken,
    /// The userinfo endpoint.
    Userinfo,
    /// The access token, where it is a JWT of the same issuer: Keycloak's default for roles.
    AccessTokenJwt,
}

/// When the userinfo endpoint is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Userinfo {
    /// Never.
    Never,
    /// When a configured claim is absent from the ID token.
    #[default]
    WhenMissing,
    /// Always.
    Always,
}

/// A key that seals.
#[derive(Clone, Debug)]
pub struct RingKey {
    /// Its name; none derives one from the key.
    pub id: Option<String>,
    /// 32 bytes in base64.
    pub key: Secret,
}

/// How Kestra credentials are had in HTTP mode.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub mode: CredentialMode,
    /// Whether `register_kestra_token` takes the token as an argument.
    pub token_argument: bool,
    /// Whether a Basic account, which has no rights to narrow, may be used to change things.
    pub basic_writes: bool,
    /// What is done about a credential of an administrator.
    pub administrator: Administrator,
    /// How often Kestra is asked again who a token belongs to.
    pub recheck: Duration,
}

impl Credentials {
    /// What of this makes tools others.
    pub fn settings(&self) -> &'static [Setting] {
        // Where all share one, there is nothing to register.
        if self.token_argument && self.mode == CredentialMode::PerUser {
            &[Setting::TokenArgument]
        } else {
            &[]
        }
    }
}

/// Whose Kestra credentials are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialMode {
    /// Each person's own.
    #[default]
    PerUser,
    /// The configured one, for everybody.
    Shared,
}

/// What is done about a credential of an administrator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Administrator {
    /// It is not taken.
    #[default]
    Refuse,
    /// It is taken with a warning.
    Warn,
}

/// What a role allows, as the file says it; see `policy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Roles whose rights it has too.
    pub inherits: Vec<String>,
    /// Permissions or tools.
    pub allow: Vec<String>,
    /// Permissions or tools that it takes away from everybody who has it.
    pub deny: Vec<String>,
}
