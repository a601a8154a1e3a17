//! Why a client metadata document gives no client.

use thiserror::Error;

use super::fetch::FetchError;

/// Why a client metadata document gives no client. Clients only learn that the client is unknown.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The id cannot be the URL of a document.
    #[error("the client id is not the URL of a document: {what}")]
    Address {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The operator does not allow that host.
    #[error("client metadata documents of that host are not allowed")]
    Host,
    /// Too many documents were requested.
    #[error("too many documents were requested")]
    Rate,
    /// It could not be fetched.
    #[error("the document cannot be fetched: {0}")]
    Fetch(#[from] FetchError),
    /// The document does not describe a client with that id, or not one that is allowed.
    #[error("the document is refused: {what}")]
    Content {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl DocumentError {
    /// What the operator can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Address { .. } => "none: the client sends an id that is not valid",
            Self::Host => "add the host to oauth.client_metadata_hosts",
            Self::Rate => "wait a minute",
            Self::Fetch(fault) => fault.remedy(),
            Self::Content { .. } => {
                "ask whoever publishes the client, or register it as [[client]] with this id"
            }
        }
    }

    /// Whether the server said nothing about the client, so that its last document still counts.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Fetch(fault) if fault.is_silence())
    }
}
