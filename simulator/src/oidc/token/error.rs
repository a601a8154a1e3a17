//! Errors of the token endpoint (RFC 6749 §5.2).

use std::io;

pub(super) struct TokenError(pub(super) u16, pub(super) &'static str);

impl TokenError {
    pub(super) const GRANT: Self = Self(400, "invalid_grant");
    pub(super) const CLIENT: Self = Self(401, "invalid_client");
    pub(super) const REQUEST: Self = Self(400, "invalid_request");
    pub(super) const SERVER: Self = Self(500, "server_error");
}

impl From<io::Error> for TokenError {
    fn from(_: io::Error) -> Self {
        Self::SERVER
    }
}
