//! What an access token says.

use serde::{Deserialize, Serialize};

/// What an access token says (RFC 9068 section 2.2). Each is one text: a list does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// This server.
    pub iss: String,
    /// Our id of the person.
    pub sub: String,
    /// The resource.
    pub aud: String,
    /// The client.
    pub client_id: String,
    /// Scopes.
    pub scope: String,
    /// The grant.
    pub sid: String,
    /// The token.
    pub jti: String,
    /// When it was issued, in seconds since the epoch.
    pub iat: u64,
    /// When it ends, in seconds since the epoch.
    pub exp: u64,
    /// Before when it opens nothing, in seconds since the epoch; this server sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
}
