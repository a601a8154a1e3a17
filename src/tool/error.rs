//! Why a call failed. Each variant is something that a model, or the person
//! before it, would fix differently.

mod fields;

use serde_json::{Map, Value};
use thiserror::Error;
use vocabulary::Class;

use super::code::Code;
use super::fault;
pub use super::fault::Fault;
use super::internal::Internal;
use super::unusable::Unusable;
use super::verdict::Found;

/// The reasons, see the table of codes in docs/errors.md.
#[derive(Debug, Error)]
pub enum Error {
    /// Arguments that this server refuses; nothing was sent.
    #[error("invalid arguments: {}", fault::told(faults).iter().map(|f| f.field.as_str()).collect::<Vec<_>>().join(", "))]
    Invalid {
        /// All of them.
        faults: Vec<Fault>,
        /// Whether they are inputs of a flow (named `input`) rather than arguments.
        inputs: bool,
    },
    /// A rule of the manifest that refuses the call.
    #[error("refused: {message}")]
    Refused {
        /// For the model.
        message: String,
    },
    /// Kestra has no such object.
    #[error("no such {kind}")]
    NotFound {
        /// What was asked for, such as `flow`.
        kind: &'static str,
        /// Objects that the caller may have meant.
        near: Vec<Value>,
    },
    /// What it is about is in a namespace that the caller may not see. It is told as what is not
    /// there.
    #[error("policy hides the {kind}")]
    Hidden {
        /// What was asked for, such as `flow`.
        kind: &'static str,
    },
    /// Kestra has the object, and not the revision that was asked for.
    #[error("no such revision of the {kind}")]
    NoRevision {
        /// What was asked for, such as `flow`.
        kind: &'static str,
        /// The latest that there is.
        latest: u64,
    },
    /// A change was answered for another object than the one that was asked for.
    #[error("a change was answered for another object")]
    Elsewhere {
        /// What was asked for and is another there, by our names.
        asked: Map<String, Value>,
        /// What Kestra named.
        answered: Map<String, Value>,
    },
    /// Kestra answered 401.
    #[error("Kestra refused the credential")]
    CredentialRefused,
    /// Kestra answered 403.
    #[error("Kestra denied permission")]
    Forbidden {
        /// The Kestra permission that the operation needs.
        permission: Option<&'static str>,
    },
    /// No connection could be made: nothing was sent.
    #[error("cannot reach {address}: {cause}")]
    Unreachable {
        /// Scheme, host and port.
        address: String,
        /// In words.
        cause: String,
    },
    /// Something other than Kestra answers, or Kestra is under another path.
    #[error("the server at {address} is not Kestra")]
    NotKestra {
        /// Scheme, host and port.
        address: String,
    },
    /// A read did not answer in time.
    #[error("no answer within {seconds} s")]
    Timeout {
        /// How long was waited.
        seconds: u64,
    },
    /// Another change of the same object has not ended: nothing was sent.
    #[error("another change of {name} has not ended")]
    Busy {
        /// The object.
        name: String,
    },
    /// A change was sent and its answer never came.
    #[error("the outcome is unknown")]
    OutcomeUnknown {
        /// How to find out.
        advice: &'static str,
    },
    /// No address or no credential is set to call Kestra with.
    #[error("not configured")]
    NotConfigured {
        /// The variables to set.
        variables: &'static [&'static str],
    },
    /// The server's version is outside the lines of this build.
    #[error("Kestra {version} is not supported")]
    Unsupported {
        /// As the server reports it.
        version: String,
        /// The nearest line of this build.
        closest: &'static str,
    },
    /// Something else came in the place of an answer.
    #[error("not a usable answer of Kestra: {0}")]
    Unusable(#[from] Unusable),
    /// Kestra refused (4xx) or failed (5xx).
    #[error("Kestra answered {status}")]
    Upstream {
        /// HTTP status.
        status: u16,
        /// Kestra's words for a 4xx, or ours where it has none; without addresses.
        message: String,
        /// Whole text for the log, never for the model.
        detail: String,
    },
    /// Kestra's validation refuses the source.
    #[error("Kestra refuses the source: {} faults", faults.len())]
    Validation {
        /// Kestra's words.
        faults: Vec<Found>,
        /// Of the server, since the language differs by version.
        version: String,
    },
    /// Something else is stored than the caller knows of.
    #[error("conflict: {message}")]
    Conflict {
        /// What to do.
        message: String,
        /// What is stored now.
        revision: Option<u64>,
        /// From what is stored to what was given.
        diff: Option<String>,
    },
    /// Something that is never cut is larger than its limit.
    #[error("{bytes} bytes are more than {most}")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// The limit.
        most: usize,
        /// Where it can be read.
        url: Option<String>,
    },
    /// Other calls hold the memory that reading an answer takes. Nothing was sent, or nothing was
    /// changed.
    #[error("no room for an answer")]
    NoRoom,
    /// The client cancelled the call.
    #[error("cancelled")]
    Cancelled,
    /// A fault of this server.
    #[error("internal: {0}")]
    Internal(#[from] Internal),
}

impl Error {
    /// A single fault.
    pub fn invalid(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Invalid {
            faults: vec![Fault::new(field, expected)],
            inputs: false,
        }
    }

    /// The generated client has no `operation`.
    pub fn unknown_operation(operation: &str) -> Self {
        Internal::NoOperation(operation.to_owned()).into()
    }

    /// Nothing when there are no `faults`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all of them.
    pub fn if_any(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() {
            return Ok(());
        }
        Err(Self::Invalid {
            faults,
            inputs: false,
        })
    }

    /// The code of the error tables, stable for clients.
    pub const fn code(&self) -> Code {
        match self {
            Self::Invalid { .. } | Self::Refused { .. } => Code::InvalidArgument,
            Self::NotFound { .. } | Self::Hidden { .. } | Self::NoRevision { .. } => Code::NotFound,
            Self::CredentialRefused => Code::CredentialRefused,
            Self::Forbidden { .. } => Code::KestraForbidden,
            Self::Unsupported { .. } => Code::Edition,
            Self::Validation { .. } => Code::ValidationFailed,
            Self::Conflict { .. } => Code::Conflict,
            Self::Unreachable { .. } => Code::Unreachable,
            Self::Timeout { .. } | Self::Busy { .. } => Code::Timeout,
            Self::OutcomeUnknown { .. } => Code::OutcomeUnknown,
            Self::NoRoom => Code::BudgetExceeded,
            Self::NotConfigured { .. } => Code::NotConfigured,
            Self::NotKestra { .. }
            | Self::Unusable(_)
            | Self::Upstream { .. }
            | Self::Elsewhere { .. }
            | Self::TooLarge { .. }
            | Self::Cancelled
            | Self::Internal(_) => Code::UpstreamError,
        }
    }

    /// Whether the same call may succeed later without a change.
    pub const fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Busy { .. } | Self::NoRoom
        ) || matches!(
            self,
            Self::Upstream {
                status: 429 | 500..=599,
                ..
            }
        )
    }

    /// Who wrote what stands in the member `name` of an error, message included: Kestra's words and
    /// ours repeat what the call sent; the rest names and counts.
    pub fn class(name: &str) -> Class {
        match name {
            "message" | "faults" | "diff" => Class::Repeats,
            _ => Class::Ours,
        }
    }
}
