//! The claims of an access token.

use serde::{Deserialize, Serialize};

/// The claims of an access token (RFC 9068 section 2.2). Each is one string: a list is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer: this server.
    pub iss: String,
    /// Our id of the person.
    pub sub: String,
    /// The resource.
    pub aud: String,
    /// The client.
    pub client_id: String,
    /// The scopes.
    pub scope: String,
    /// The grant.
    pub sid: String,
    /// The token.
    pub jti: String,
    /// When it was issued, in seconds since the epoch.
    pub iat: u64,
    /// When it expires, in seconds since the epoch.
    pub exp: u64,
    /// When it becomes valid, in seconds since the epoch; this server sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
}
