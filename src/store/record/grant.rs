//! Grants and their codes.

use super::person::User;
use crate::store::hash::Hash;
use crate::store::time::Ms;

/// What a person allowed a client, and the result of the last check of the person at the provider.
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
    /// When its client last used an access token; none means never.
    pub last_used: Option<Ms>,
}

/// A grant with its person, as every request needs it.
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
    /// As the database stores it.
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
    /// `redirect_uri`; none matches any.
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
    /// There is no such code, it has expired, or something does not match.
    Refused,
}
