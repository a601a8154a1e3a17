//! The error that a provider sends back with the browser in place of a code.

/// Characters of an error that the log keeps.
const LONGEST: usize = 64;

/// What an error says (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6). Pages and
/// clients read these sentences, never the provider's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// `invalid_scope`
    Scope,
    /// `unauthorized_client`, and what a client is not allowed to use.
    Client,
    /// The request is wrong for this provider.
    Request,
    /// `server_error`
    Failed,
    /// Any other.
    Other,
}

impl Sent {
    /// Of the parameter `error`.
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

    /// For people and for clients: ASCII without quotes (RFC 6749 section 5.2).
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Scope => {
                "The identity provider does not give a scope that this server asks for \
                 (invalid_scope)."
            }
            Self::Client => {
                "The identity provider does not let this server sign people in \
                 (unauthorized_client)."
            }
            Self::Request => {
                "The identity provider does not take the request of this server (invalid_request)."
            }
            Self::Failed => "The identity provider failed (server_error).",
            Self::Other => {
                "The identity provider sent an error that only the log of this server names."
            }
        }
    }

    /// For the operator.
    pub const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Scope => Some(
                "leave the scope out of OIDC_SCOPES (or scopes of the [[identity_provider]]), or \
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

/// An error as the log may hold it: a code, or that it is none.
pub fn code_of(error: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=LONGEST).contains(&error.len()) && error.bytes().all(is_plain) {
        error
    } else {
        "(not a code)"
    }
}
