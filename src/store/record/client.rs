//! OAuth clients.

use serde::{Deserialize, Serialize};

use crate::store::hash::Hash;
use crate::store::time::Ms;

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
    /// As the database stores it.
    pub(in crate::store) const fn as_str(self) -> &'static str {
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
    /// `client_name`, from the client: hostile text.
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
    /// When a grant of it was last used; none means never.
    pub last_used: Option<Ms>,
}
