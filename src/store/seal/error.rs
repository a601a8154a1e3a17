//! Why something cannot be sealed.

use chacha20poly1305::aead::Generate;
use thiserror::Error;

/// Why something cannot be sealed.
#[derive(Debug, Error)]
pub enum SealError {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
    /// It is longer than the cipher takes, or the id of the key longer than the envelope takes.
    #[error("this is too long to be sealed")]
    TooLong,
}

pub(in crate::store) fn random<T: Generate>() -> Result<T, SealError> {
    T::try_generate().map_err(|_| SealError::Random)
}
