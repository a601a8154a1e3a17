//! What the database holds, a type for each kind of row.

use serde::{Deserialize, Serialize};

use super::{Hash, Ms};

/// How an OAuth client came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// By the configuration of this server.
    Configured,
    /// By a Client ID Metadata Document.
    Metadata,
    /// By dynamic registration.
    Registered,
}

impl ClientKind {
    /// As the database says it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Metadata => "metadata",
            Self::Registered => "registered",
        }
    }
}

/// How a client proves who it is at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Not at all: a public client.
    None,
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
}

/// An OAuth client (RFC 7591 names).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// `client_id`
    pub id: String,
    /// How it came to be known.
    pub kind: ClientKind,
    /// `client_name`, as the client says it: hostile text.
    pub name: String,
    /// `token_endpoint_auth_method`
    pub auth_method: AuthMethod,
    /// Of a confidential client.
    pub secret: Option<Hash>,
    /// `redirect_uris`, byte for byte.
    pub redirect_uris: Vec<String>,
    /// `application_type`: `web` or `native`.
    pub application_type: String,
    /// `grant_types`
    pub grant_types: Vec<String>,
    /// `scope`, as registered.
    pub scope: Option<String>,
    /// When it was registered.
    pub created: Ms,
    /// When a grant of it was last used; none is never.
    pub last_used: Option<Ms>,
}

/// A person who signed in once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Ours, random.
    pub id: String,
    /// The identity provider.
    pub issuer: String,
    /// The person's id there.
    pub subject: String,
    /// For people to read.
    pub name: String,
    /// When an operator disabled the person.
    pub disabled_at: Option<Ms>,
}

/// An authorization request that was consented to, and waits for a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// By which it was spent.
    pub id: Hash,
    /// The client as it was when it asked.
    pub client: Client,
    /// The redirect URI of this request, byte for byte.
    pub redirect_uri: String,
    /// What will be granted, such as `kestra:read kestra:write`; `offline_access` when asked for.
    pub scopes: String,
    /// The resource.
    pub resource: String,
    /// `code_challenge` (S256).
    pub challenge: String,
    /// `state` of the client.
    pub client_state: Option<String>,
    /// After that it is gone.
    pub expires: Ms,
}

/// What a form token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The account page of the sign-in that is the owner.
    Account,
}

impl Purpose {
    /// As the database says it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
        }
    }
}

/// One rendering of a form, bound to the browser that got it.
#[derive(Clone, Debug)]
pub struct FormToken {
    /// Of the hidden field.
    pub value: Hash,
    /// The form.
    pub purpose: Purpose,
    /// What it belongs to: a sign-in.
    pub owner: Hash,
    /// Of the cookie that was set with the page.
    pub cookie: Hash,
    /// After that it is gone.
    pub expires: Ms,
}

/// What a login at the identity provider is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An authorization that was consented to: the whole transaction, which is spent by then.
    Authorization(Box<Transaction>),
    /// Our own account page; a ticket says who must come.
    Account {
        /// Of the link's ticket.
        ticket: Option<Hash>,
    },
}

/// Our own leg at the identity provider.
#[derive(Clone, Debug)]
pub struct UpstreamState {
    /// Of `state`.
    pub state: Hash,
    /// The provider: its configured id and its issuer.
    pub provider: String,
    /// Where to go afterwards.
    pub target: Target,
    /// Of the cookie of the browser that left.
    pub browser: Hash,
    /// `nonce`, sealed.
    pub nonce: Vec<u8>,
    /// `code_verifier`, sealed.
    pub verifier: Vec<u8>,
    /// After that it is gone.
    pub expires: Ms,
}

/// What a person allowed a client, and what the provider last said of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Random.
    pub id: String,
    /// The person.
    pub user_id: String,
    /// The client.
    pub client_id: String,
    /// For people to read.
    pub client_name: String,
    /// The configured id of the provider.
    pub provider: String,
    /// Scopes, separated by spaces.
    pub scopes: String,
    /// The resource.
    pub resource: String,
    /// Roles as of `checked_at`.
    pub roles: Vec<String>,
    /// When the provider was last asked.
    pub checked_at: Ms,
    /// The provider's refresh token, sealed.
    pub idp_refresh: Option<Vec<u8>>,
    /// When it was made.
    pub created: Ms,
    /// After that nothing can be refreshed.
    pub expires: Ms,
    /// When it was ended.
    pub revoked_at: Option<Ms>,
    /// When its client last came with an access token; none is never.
    pub last_used: Option<Ms>,
}

/// A grant with its person: what every request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantOf {
    /// The grant.
    pub grant: Grant,
    /// The person.
    pub user: User,
}

/// Why a grant was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The client asked for it (RFC 7009).
    Client,
    /// The person did, on the account page.
    Person,
    /// A code or a refresh token was used again.
    Reuse,
    /// The provider no longer knows the person, or no role is left.
    Provider,
    /// The client was deleted.
    ClientGone,
}

impl Reason {
    /// As the database says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Person => "person",
            Self::Reuse => "reuse",
            Self::Provider => "provider",
            Self::ClientGone => "client_gone",
        }
    }
}

/// An authorization code.
#[derive(Clone, Debug)]
pub struct Code {
    /// Of the code.
    pub code: Hash,
    /// The grant that it opens.
    pub grant_id: String,
    /// The client it was made for.
    pub client_id: String,
    /// `redirect_uri`
    pub redirect_uri: String,
    /// `code_challenge`
    pub challenge: String,
    /// `resource`
    pub resource: String,
    /// At most 60 s after it was made.
    pub expires: Ms,
}

/// What a client shows with a code; all of it must be the same as when the code was made.
#[derive(Clone, Debug)]
pub struct CodeClaim<'a> {
    /// Of the code.
    pub code: Hash,
    /// The authenticated client.
    pub client_id: &'a str,
    /// `redirect_uri`; none fits any.
    pub redirect_uri: Option<&'a str>,
    /// Computed from `code_verifier`.
    pub challenge: &'a str,
    /// `resource`
    pub resource: &'a str,
}

/// How redeeming a code ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// Now it is spent; its grant.
    Spent(String),
    /// It was spent before.
    Again {
        /// The grant that it opened.
        grant_id: String,
        /// When.
        used_at: Ms,
        /// Whether this claim fits the code.
        fits: bool,
    },
    /// There is no such code, it is too old, or something does not fit.
    Refused,
}

/// A refresh token of a family: all tokens of one grant.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Of the token.
    pub token: Hash,
    /// The family.
    pub grant_id: String,
    /// After that it is dead.
    pub expires: Ms,
}

/// What is known of a refresh token that a client showed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The token.
    pub token: RefreshToken,
    /// Its grant and person.
    pub of: GrantOf,
    /// When it was spent.
    pub used_at: Option<Ms>,
    /// The token that came after it: its hash, and itself, sealed under this one. It is forgotten some
    /// time after the grace.
    pub successor: Option<(Hash, Vec<u8>)>,
    /// Until then the same successor is given again; none when that is over for long.
    pub grace_until: Option<Ms>,
    /// Whether the successor was itself spent.
    pub successor_used: bool,
}

/// What replaces a refresh token, all in one transaction.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The token that is spent.
    pub token: Hash,
    /// Its successor.
    pub successor: RefreshToken,
    /// The successor, sealed under the spent token.
    pub successor_box: Vec<u8>,
    /// Until then the same successor is given again.
    pub grace_until: Ms,
    /// What the provider said, if it was asked.
    pub checked: Option<Checked>,
}

/// What the provider says of a person at a refresh.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Roles.
    pub roles: Vec<String>,
    /// When.
    pub at: Ms,
    /// The new refresh token of the provider, sealed; none keeps the old one.
    pub idp_refresh: Option<Vec<u8>>,
}

/// A sign-in of a person on our own pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLogin {
    /// Of the cookie.
    pub id: Hash,
    /// The person.
    pub user_id: String,
    /// The configured id of the provider.
    pub provider: String,
    /// Roles as of the login.
    pub roles: Vec<String>,
    /// When the person logged in.
    pub auth_time: Ms,
    /// When a page was last shown.
    pub last_seen: Ms,
    /// The absolute end.
    pub expires: Ms,
}

/// A link that only the person who asked for it may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Of the value in the link.
    pub id: Hash,
    /// Who asked.
    pub user_id: String,
    /// After that it is gone.
    pub expires: Ms,
}

/// A person's Kestra credential; the secret is sealed to person, address and tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Random; part of what the seal is bound to.
    pub id: String,
    /// The person.
    pub user_id: String,
    /// Address of Kestra without a final slash.
    pub kestra_url: String,
    /// Tenant.
    pub tenant: String,
    /// `token` or `basic`.
    pub kind: String,
    /// Sealed.
    pub secret: Vec<u8>,
    /// Who it is at Kestra, where Kestra says.
    pub kestra_user: Option<String>,
    /// When Kestra last took it; 0 when it refuses it by now.
    pub checked_at: Ms,
    /// When a call last used it.
    pub last_used: Option<Ms>,
}

/// A key that signs access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// `kid`
    pub kid: String,
    /// The public key as a JWK (JSON).
    pub public: String,
    /// PKCS#8 v1, sealed.
    pub private: Vec<u8>,
    /// It signs from then on.
    pub activate_at: Ms,
    /// It is published until then; none is for ever.
    pub drop_at: Option<Ms>,
}

/// A sealed value and where it stands, for the change of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row.
    pub row: String,
    /// The value.
    pub value: Vec<u8>,
}
