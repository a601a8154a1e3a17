//! Why a token cannot be signed, and why one is refused.

use thiserror::Error;

use crate::auth::server::error::Error as OAuthError;
use crate::store::{OpenError, SealError, StoreError};

/// Why a signing key or a token cannot be made.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A new key cannot be sealed.
    #[error("a signing key cannot be sealed")]
    Seal(#[from] SealError),
    /// A key cannot be opened.
    #[error("the signing key {kid} cannot be opened")]
    Open {
        /// Its id.
        kid: String,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// A key is not valid.
    #[error("the signing key {kid} cannot be used")]
    Key {
        /// Its id.
        kid: String,
    },
    /// No stored key can sign.
    #[error("no signing key is stored")]
    None,
}

impl From<SigningError> for OAuthError {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Store(error) => Self::Store(error),
            SigningError::Seal(_)
            | SigningError::Open { .. }
            | SigningError::Key { .. }
            | SigningError::None => Self::Internal {
                what: "signing an access token",
            },
        }
    }
}

/// Why an access token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// It is not a JWT that this server signed: form, key, algorithm or signature.
    #[error("not signed here")]
    Signature,
    /// It was made for something else.
    #[error("another type, issuer or audience")]
    Purpose,
    /// It has expired.
    #[error("expired")]
    Expired,
    /// It is not valid yet.
    #[error("not yet valid")]
    Early,
    /// The token, its grant or its person was revoked.
    #[error("revoked")]
    Revoked,
}
