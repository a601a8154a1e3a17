//! What outlives a request: clients, grants, tokens, sign-ins and sealed credentials.
//!
//! Every statement that spends something is one conditional update, so that two replicas, or two
//! requests at once, cannot both succeed. A check that fails spends nothing. Times are milliseconds
//! since the epoch. Random values of at least 256 bits are kept as their SHA-256 ([`Hash`]); what
//! must be read back is sealed.

mod hash;
pub mod keyring;
pub mod rekey;
pub mod seal;
pub mod sqlite;

use std::fmt;
use std::path::PathBuf;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use hash::Hash;
use hash::hex;
pub use keyring::{KeyRing, RingFault};
pub use rekey::{check_ring, check_taken};
pub use seal::{Column, OpenError, Place, SealError};

/// Milliseconds since the epoch.
pub type Ms = i64;

/// A sign-in of which no page was shown for so long is over.
pub const IDLE: Ms = 30 * 60 * 1000;
/// That a credential was used is noted no more often than that.
pub const USED: Ms = 60 * 1000;

/// Why the store did not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be reached, is locked for too long, or is full.
    #[error("the database does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It holds something that this version does not understand.
    #[error("the database holds a {what} that cannot be read")]
    Corrupt {
        /// The column or the kind of row.
        what: &'static str,
    },
    /// A row with this key is there already, or one that this row needs is not there.
    #[error("the database takes no such row")]
    Conflict(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its tables are those of a newer version of this program, or not made by it.
    #[error("the database is of another version")]
    Version(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Two servers on one file would give the same things twice.
    #[error("another server uses the database {path}")]
    Taken {
        /// The file.
        path: PathBuf,
    },
}

/// The result of asking the store.
pub type Result<T> = std::result::Result<T, StoreError>;

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
    const fn as_str(self) -> &'static str {
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

/// An authorization request that waits for consent and login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Of the value in the address of the consent page.
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
    /// The consent page of the transaction that is the owner.
    Consent,
    /// The account page of the sign-in that is the owner.
    Account,
}

impl Purpose {
    /// As the database says it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
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
    /// What it belongs to: a transaction or a sign-in.
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
    /// The configured id of the provider.
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
    const fn as_str(self) -> &'static str {
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
    /// `redirect_uri`
    pub redirect_uri: &'a str,
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

/// The one interface to the database.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Answers when the database does.
    async fn ping(&self) -> Result<()>;
    /// Ends all work on it and lets another server have it; whatever is asked afterwards fails.
    async fn close(&self);
    /// Deletes what is over: expired transactions, forms, tokens, tickets, sign-ins; codes a day after
    /// they ended if they were used; grants a day after they ended; signing keys that are dropped;
    /// registered clients that were never used within an hour or not for 90 days, whose grants end.
    /// A spent refresh token is kept as long as its family, without its successor once the grace is
    /// over. How many rows are gone.
    async fn sweep(&self, now: Ms) -> Result<u64>;

    /// Keeps a client; the same id replaces it, but for when it was last used.
    async fn put_client(&self, client: &Client) -> Result<()>;
    /// The client of that id.
    async fn client(&self, id: &str) -> Result<Option<Client>>;
    /// How many clients registered themselves.
    async fn registered_clients(&self) -> Result<u64>;
    /// Forgets a client and ends its grants.
    async fn delete_client(&self, id: &str, now: Ms) -> Result<bool>;

    /// The person of (issuer, subject): made when new, with the name of now.
    async fn upsert_user(&self, user: &User) -> Result<User>;
    /// The person of that id.
    async fn user(&self, id: &str) -> Result<Option<User>>;
    /// Disables a person, or takes that back.
    async fn disable_user(&self, id: &str, at: Option<Ms>) -> Result<bool>;

    /// Keeps a transaction.
    async fn put_transaction(&self, transaction: &Transaction) -> Result<()>;
    /// A transaction that is neither spent nor over.
    async fn transaction(&self, id: Hash, now: Ms) -> Result<Option<Transaction>>;
    /// Spends it, once.
    async fn spend_transaction(&self, id: Hash, now: Ms) -> Result<Option<Transaction>>;

    /// Keeps a form token.
    async fn put_form(&self, form: &FormToken) -> Result<()>;
    /// Spends it, once, for the same form, owner and cookie.
    async fn spend_form(&self, form: &FormToken, now: Ms) -> Result<bool>;

    /// Keeps a leg at the provider.
    async fn put_upstream(&self, state: &UpstreamState) -> Result<()>;
    /// Spends it, once, for the same browser. The wrong browser spends nothing.
    async fn spend_upstream(
        &self,
        state: Hash,
        browser: Hash,
        now: Ms,
    ) -> Result<Option<UpstreamState>>;

    /// Keeps a grant and its first code, together; its client is used.
    async fn put_grant(&self, grant: &Grant, code: &Code) -> Result<()>;
    /// A grant with its person, whatever its state.
    async fn grant(&self, id: &str) -> Result<Option<GrantOf>>;
    /// The grants of a person that are not over.
    async fn grants_of(&self, user_id: &str, now: Ms) -> Result<Vec<Grant>>;
    /// Ends a grant; false when it was ended before.
    async fn revoke_grant(&self, id: &str, reason: Reason, now: Ms) -> Result<bool>;
    /// Ends all grants and sign-ins of a person; how many grants.
    async fn revoke_user(&self, user_id: &str, reason: Reason, now: Ms) -> Result<u64>;
    /// Redeems a code of a grant that is not over, of a person who is not disabled.
    async fn redeem_code(&self, claim: &CodeClaim<'_>, now: Ms) -> Result<Redeemed>;

    /// Keeps the first refresh token of a grant.
    async fn put_refresh(&self, token: &RefreshToken) -> Result<()>;
    /// What is known of a refresh token.
    async fn refresh(&self, token: Hash) -> Result<Option<Shown>>;
    /// Spends a refresh token and keeps its successor, which is of the same grant; false when another
    /// request was first, the grant is over, or the person is disabled.
    async fn rotate(&self, rotation: &Rotation, now: Ms) -> Result<bool>;
    /// Takes the lease of a grant, for the question to the provider; false while another holds it, or
    /// when the grant is over. Who holds it may take it again.
    async fn lease(&self, grant_id: &str, by: &str, now: Ms, until: Ms) -> Result<bool>;
    /// Gives the lease back.
    async fn release(&self, grant_id: &str, by: &str) -> Result<()>;

    /// Lists an access token (`jti`) as revoked until it would have ended.
    async fn revoke_access(&self, jti: &str, expires: Ms) -> Result<()>;
    /// Whether an access token is listed.
    async fn is_revoked(&self, jti: &str) -> Result<bool>;

    /// Keeps a sign-in.
    async fn put_login(&self, login: &WebLogin) -> Result<()>;
    /// The sign-in of a cookie and its person, disabled or not, if neither [`IDLE`] nor over; marks it
    /// as seen.
    async fn login(&self, id: Hash, now: Ms) -> Result<Option<(WebLogin, User)>>;
    /// Ends a sign-in.
    async fn end_login(&self, id: Hash) -> Result<()>;

    /// Keeps a ticket.
    async fn put_ticket(&self, ticket: &Ticket) -> Result<()>;
    /// A ticket that is neither spent nor over.
    async fn ticket(&self, id: Hash, now: Ms) -> Result<Option<Ticket>>;
    /// Spends it.
    async fn spend_ticket(&self, id: Hash, now: Ms) -> Result<bool>;

    /// Keeps a person's Kestra credential in the place of the one before.
    async fn put_credential(&self, credential: &Credential) -> Result<()>;
    /// A person's credential for a Kestra and tenant.
    async fn credential(
        &self,
        user_id: &str,
        kestra_url: &str,
        tenant: &str,
    ) -> Result<Option<Credential>>;
    /// Marks it as checked, used, or both; that it was used only every [`USED`] milliseconds. One that
    /// is refused stays so.
    async fn touch_credential(&self, id: &str, checked: Option<Ms>, used: Option<Ms>)
    -> Result<()>;
    /// Marks it as refused by Kestra.
    async fn refuse_credential(&self, id: &str) -> Result<()>;
    /// Forgets it.
    async fn delete_credential(
        &self,
        user_id: &str,
        kestra_url: &str,
        tenant: &str,
    ) -> Result<bool>;

    /// Keeps a signing key unless its id is known.
    async fn put_signing_key(&self, key: &SigningKey) -> Result<()>;
    /// All signing keys, the oldest first.
    async fn signing_keys(&self) -> Result<Vec<SigningKey>>;
    /// Sets when the others than `kid` are no longer published, unless that was said before.
    async fn retire_signing_keys(&self, kid: &str, drop_at: Ms) -> Result<()>;

    /// Every key id of the ring that was ever used, with a constant sealed under it.
    async fn key_checks(&self) -> Result<Vec<(String, Vec<u8>)>>;
    /// Keeps the check of a key unless there is one.
    async fn put_key_check(&self, kid: &str, sealed: &[u8]) -> Result<()>;
    /// Forgets the check of a key that no row uses.
    async fn delete_key_check(&self, kid: &str) -> Result<()>;
    /// Up to `limit` sealed values, in a fixed order, after `after`; without the constants of
    /// [`Store::key_checks`]. Fewer than `limit` are the last ones.
    async fn sealed(&self, after: Option<&Sealed>, limit: u32) -> Result<Vec<Sealed>>;
    /// Replaces a sealed value if it is still the old one.
    async fn reseal(&self, old: &Sealed, new: &[u8]) -> Result<bool>;
}
