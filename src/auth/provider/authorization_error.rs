//! The error that a provider returns instead of a code.

/// Characters of an error code that the log keeps.
const LONGEST: usize = 64;

/// The meaning of an error (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6). Pages
/// and clients show these sentences, never the provider's own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationError {
    /// `invalid_scope`
    Scope,
    /// `unauthorized_client`, and others that say what the client may not use.
    Client,
    /// The provider rejects the request.
    Request,
    /// `server_error`
    Failed,
    /// Any other error.
    Other,
}

impl AuthorizationError {
    /// Parses the parameter `error`.
    pub fn of(error: &str) -> Self {
        match error {
            "invalid_scope" => Self::Scope,
            "unauthorized_client" | "invalid_client" | "unsupported_response_type" => Self::Client,
            "invalid_request"
            | "invalid_request_uri"
            | "invalid_request_object"
            | "invalid_target"
            | "request_not_supported"
            | "request_uri_not_supported"
            | "registration_not_supported" => Self::Request,
            "server_error" => Self::Failed,
            _ => Self::Other,
        }
    }

    /// For people and clients: ASCII without quotes (RFC 6749 section 5.2).
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Scope => {
                "The identity provider does not grant a scope that this server asks for \
                 (invalid_scope)."
            }
            Self::Client => {
                "The identity provider does not let this server sign people in \
                 (unauthorized_client)."
            }
            Self::Request => {
                "The identity provider rejects the request of this server (invalid_request)."
            }
            Self::Failed => "The identity provider failed (server_error).",
            Self::Other => {
                "The identity provider returned an error that only the log of this server names."
            }
        }
    }

    /// What the operator can do about it.
    pub const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Scope => Some(
                "remove the scope from OIDC_SCOPES (or scopes of the [[identity_provider]]), or \
                 allow it at the provider",
            ),
            Self::Client => Some(
                "allow the authorization code flow for this client at the provider, and check \
                 OIDC_CLIENT_ID (or client_id of the [[identity_provider]])",
            ),
            Self::Request => Some(
                "check the redirect URI at the provider, and authorize_params of the \
                 [[identity_provider]]",
            ),
            Self::Failed | Self::Other => None,
        }
    }
}

/// An error code for the log, or a note that it is not a code.
pub fn code_of(error: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=LONGEST).contains(&error.len()) && error.bytes().all(is_plain) {
        error
    } else {
        "(not a code)"
    }
}
