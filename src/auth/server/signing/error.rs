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
    /// A key does not open.
    #[error("the signing key {kid} cannot be opened")]
    Open {
        /// Its id.
        kid: String,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// A key is none.
    #[error("the signing key {kid} cannot be used")]
    Key {
        /// Its id.
        kid: String,
    },
    /// No key can be made or used.
    #[error("there is no signing key")]
    None,
}

impl From<SigningError> for OAuthError {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Store(error) => Self::Store(error),
            SigningError::Seal(_)
            | SigningError::Open { .. }
            | SigningError::Key { .. }
            | SigningError::None => Self::Broken {
                what: "the signing of an access token",
            },
        }
    }
}

/// Why an access token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// It is no JWT of ours: form, key, algorithm or signature.
    #[error("not signed here")]
    Signature,
    /// It is a token for something else.
    #[error("another type, issuer or audience")]
    Purpose,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not yet valid")]
    Early,
    /// It, its grant or its person was revoked.
    #[error("revoked")]
    Revoked,
}
