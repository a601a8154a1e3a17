//! Why a stored credential cannot be used.

use thiserror::Error;

/// Why a person's credential cannot be used.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// It belongs to a Kestra administrator, and those are not accepted.
    #[error("the credential belongs to an administrator")]
    Administrator,
    /// Kestra does not say whether it belongs to an administrator, and those are not accepted.
    #[error("Kestra does not say whether the credential belongs to an administrator")]
    Unsaid,
    /// The database does not answer, or the row does not open.
    #[error("the credential cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
