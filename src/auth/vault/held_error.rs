//! Why a stored credential cannot be used.

use thiserror::Error;

/// Why a person's credential cannot be used.
#[derive(Debug, Error)]
pub enum HeldError {
    /// It belongs to an administrator of Kestra, and those are not taken.
    #[error("the credential belongs to an administrator")]
    Administrator,
    /// Kestra does not say whether it does, and administrators' are not taken.
    #[error("Kestra does not say whether the credential belongs to an administrator")]
    Unsaid,
    /// It cannot be had: the store does not answer, or what it holds does not open.
    #[error("the credential cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
