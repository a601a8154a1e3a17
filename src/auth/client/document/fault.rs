//! Why a client metadata document makes no client.

use thiserror::Error;

use super::fetch::FetchFault;

/// Why a document makes no client. What a client hears of it is that there is no such client.
#[derive(Debug, Error)]
pub enum DocumentFault {
    /// The id is not a URL that a document may have.
    #[error("the client id is not the URL of a document: {what}")]
    Address {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The operator did not allow that host.
    #[error("documents of that host are not allowed")]
    Host,
    /// Too many were asked for.
    #[error("too many documents are asked for")]
    Rate,
    /// It could not be fetched.
    #[error("the document cannot be fetched: {0}")]
    Fetch(#[from] FetchFault),
    /// It does not describe a client of that id, or one that may come in.
    #[error("the document is refused: {what}")]
    Content {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl DocumentFault {
    /// What the operator can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Address { .. } => "none: the client names itself wrongly",
            Self::Host => "add the host to oauth.client_metadata_hosts",
            Self::Rate => "wait a minute",
            Self::Fetch(fault) => fault.remedy(),
            Self::Content { .. } => {
                "tell who publishes the client, or register it as [[client]] with this id"
            }
        }
    }

    /// Whether its server said nothing of the client, so that what it said last still counts.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Fetch(fault) if fault.is_silence())
    }
}
