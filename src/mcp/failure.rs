//! Why a call has no result: the code, the fields and the message that a model needs to decide on
//! its next step.

mod message;
mod operator;
mod origin;
mod tool_error;
mod unusable;

pub(super) use origin::in_words;
use serde_json::{Map, Value, json};
pub(super) use tool_error::advice;

use super::audience::Audience;
use crate::auth::NotStored;
use crate::config::{self, Place};
use crate::kestra::refusal::Refusal;
use crate::policy::Denied;
use crate::tool::{Code, Error, Line};

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// The tool says why.
    Tool(Error),
    /// Policy denies it.
    Denied(Denied),
    /// The user has no Kestra credential stored here.
    CredentialRequired {
        /// The page on which one is registered.
        url: String,
    },
    /// Kestra no longer accepts the stored credential of the user.
    CredentialRefused {
        /// The page on which another one is registered.
        url: String,
    },
    /// Kestra does not accept the configured credential of the local user.
    ConfiguredRefused {
        /// What is wrong with it.
        why: Refusal,
        /// Where it is set.
        places: Vec<Place>,
    },
    /// Settings hold placeholders, so nothing may be sent.
    Withheld {
        /// What is wrong with each, and what to do.
        faults: Vec<config::Fault>,
    },
    /// The configured tenant does not exist.
    NoTenant(Refusal),
    /// The credential belongs to an administrator.
    CredentialTooPowerful,
    /// Kestra does not say whether the credential belongs to an administrator.
    CredentialUnsaid,
    /// The shared credential belongs to an administrator, or Kestra does not say.
    SharedTooPowerful,
    /// Kestra did not answer whether the account is still an ordinary one.
    CredentialOverdue,
    /// A credential passed as an argument was not stored.
    NotKept(NotStored),
    /// Too many calls at once.
    Busy {
        /// The limit.
        limit: usize,
    },
    /// Kestra was upgraded to another line before a change was sent.
    Upgraded {
        /// The line before.
        from: Line,
        /// The line now.
        to: Line,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Tool(error)
    }
}

impl From<NotStored> for Failure {
    fn from(fault: NotStored) -> Self {
        Self::NotKept(fault)
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl Failure {
    /// The code of the error tables.
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::Tool(error) => error.code(),
            Self::Denied(Denied::Role | Denied::Scope) => Code::PolicyDenied,
            Self::Denied(Denied::ReadOnly) => Code::ReadOnly,
            Self::CredentialRequired { .. } => Code::CredentialRequired,
            Self::CredentialRefused { .. } | Self::ConfiguredRefused { .. } => {
                Code::CredentialRefused
            }
            Self::CredentialTooPowerful | Self::CredentialUnsaid | Self::SharedTooPowerful => {
                Code::CredentialTooPowerful
            }
            Self::NotKept(fault) => match fault {
                NotStored::Form(_) | NotStored::Kind { .. } | NotStored::Tenant => {
                    Code::InvalidArgument
                }
                NotStored::NoKestra | NotStored::NoTenant => Code::NotConfigured,
                NotStored::TooOften => Code::BudgetExceeded,
                NotStored::Refused { .. } => Code::CredentialRefused,
                NotStored::Silent => Code::Unreachable,
                NotStored::Administrator | NotStored::Unsaid => Code::CredentialTooPowerful,
                NotStored::Store(_) | NotStored::Seal(_) | NotStored::Chance => Code::UpstreamError,
            },
            Self::Withheld { .. } => Code::NotConfigured,
            Self::Busy { .. } => Code::BudgetExceeded,
            Self::CredentialOverdue => Code::Unreachable,
            Self::NoTenant(_) | Self::Upgraded { .. } => Code::UpstreamError,
        }
    }

    pub(super) const fn retryable(&self) -> bool {
        match self {
            Self::Tool(error) => error.retryable(),
            Self::Denied(_)
            | Self::CredentialRequired { .. }
            | Self::CredentialRefused { .. }
            | Self::ConfiguredRefused { .. }
            | Self::Withheld { .. }
            | Self::NoTenant(_)
            | Self::CredentialTooPowerful
            | Self::CredentialUnsaid
            | Self::SharedTooPowerful => false,
            Self::NotKept(fault) => matches!(
                fault,
                NotStored::TooOften | NotStored::Silent | NotStored::Store(_)
            ),
            Self::Busy { .. } | Self::Upgraded { .. } | Self::CredentialOverdue => true,
        }
    }

    pub(super) fn fields(&self, audience: Audience) -> Map<String, Value> {
        match self {
            Self::Tool(error) => {
                let mut fields = error.fields();
                if audience != Audience::Local {
                    // These are for the operator, who finds them in the log.
                    fields.remove("address");
                    fields.remove("variables");
                }
                fields
            }
            Self::CredentialRequired { url } | Self::CredentialRefused { url } => {
                Map::from_iter([("url".to_owned(), url.as_str().into())])
            }
            Self::Busy { .. } => limit("calls at once", 1),
            Self::NotKept(NotStored::TooOften) => limit("credentials in a minute", 60),
            Self::NoTenant(_) => Map::from_iter([("status".to_owned(), 400.into())]),
            Self::Withheld { faults } => {
                let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
                Map::from_iter([("variables".to_owned(), places.into())])
            }
            Self::Denied(_)
            | Self::ConfiguredRefused { .. }
            | Self::CredentialTooPowerful
            | Self::CredentialUnsaid
            | Self::SharedTooPowerful
            | Self::CredentialOverdue
            | Self::NotKept(_)
            | Self::Upgraded { .. } => Map::new(),
        }
    }
}

fn limit(what: &str, seconds: u32) -> Map<String, Value> {
    let fields = [("limit", json!(what)), ("retry_after_s", json!(seconds))];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests;
