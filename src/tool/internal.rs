//! What goes wrong in this server itself.

use std::error::Error as StdError;

use thiserror::Error;

use super::cause::in_words;

/// Why a call failed that neither Kestra nor its caller is to blame for: for our log, never for
/// the client.
#[derive(Debug, Error)]
pub enum Internal {
    /// The manifest of a tool lacks what its path takes from it.
    #[error("the manifest does not state {0}")]
    NoPlan(&'static str),
    /// A tool has no request of that name.
    #[error("no step {0}")]
    NoStep(String),
    /// The generated client has no such operation.
    #[error("no operation {0}")]
    NoOperation(String),
    /// A parameter of a path is bound to nothing, or one is bound to what only a body can be.
    #[error("the parameter `{0}` cannot be bound")]
    NoParameter(String),
    /// A body is bound to what no operation takes.
    #[error("a body is not a list of pairs")]
    NoBody,
    /// There is no HTTP client, since the certificates of this machine cannot be read.
    #[error("no HTTP client: {}", in_words(.0))]
    NoClient(#[source] reqwest::Error),
    /// The generated client, or the last look at what leaves, holds a request back.
    #[error("the request was not sent: {0}")]
    NotSent(String),
    /// The generated client does not pass on what was answered.
    #[error("the answer was not passed on: {0}")]
    NotPassedOn(#[source] Box<progenitor_client::Error<()>>),
    /// A person's credential cannot be had.
    #[error("invalid credential: {0}")]
    Credential(#[source] Box<dyn StdError + Send + Sync>),
    /// A credential came as an argument where no person keeps any.
    #[error("a token without a person")]
    NobodysToken,
}
