//! Why a call has no result, and what is said of it: one message for each reason, made for a model
//! that has to decide on its next step.

mod unusable;

use serde_json::{Map, Value, json};

use super::{Mode, Server};
use crate::auth::NotStored;
use crate::config::{self, Place};
use crate::kestra::refusal::Refusal;
use crate::policy::Denied;
use crate::tool::bindings::plain;
use crate::tool::error::Fault;
use crate::tool::sentence::{ended, sentences};
use crate::tool::{Code, Error, Line, fault};

/// To whom an answer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// The person whose machine this is, who can change the settings.
    Local,
    /// A person of many, who cannot.
    Remote,
}

impl Server {
    pub(super) fn voice(&self) -> Voice {
        match self.0.mode {
            Mode::Local => Voice::Local,
            Mode::Remote(_) => Voice::Remote,
        }
    }
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// The tool says why.
    Tool(Error),
    /// Policy refuses it.
    Denied(Denied),
    /// The person keeps no Kestra credential here.
    CredentialRequired {
        /// The page on which one is registered.
        url: String,
    },
    /// Kestra no longer takes the one that the person keeps here.
    CredentialRefused {
        /// The page on which another one is registered.
        url: String,
    },
    /// Kestra does not take the one that this person's settings name.
    ConfiguredRefused {
        /// What is wrong with it.
        why: Refusal,
        /// Where it was said.
        places: Vec<Place>,
    },
    /// Settings of this person are placeholders, so nothing may be sent.
    Withheld {
        /// What is wrong with each, and what to do.
        faults: Vec<config::Fault>,
    },
    /// There is no such tenant as the configured one.
    NoTenant(Refusal),
    /// It belongs to an administrator.
    CredentialTooPowerful,
    /// Kestra does not say whether it belongs to one.
    CredentialUnsaid,
    /// The one that everybody shares does, or Kestra does not say whether it does.
    SharedTooPowerful,
    /// Kestra was asked in vain whether it belongs to one by now.
    CredentialOverdue,
    /// A credential that came as an argument is not kept.
    NotKept(NotStored),
    /// Too many calls at once.
    Busy {
        /// How many there may be.
        limit: usize,
    },
    /// A change met a server that is no longer on the line for which it was made.
    Upgraded {
        /// The line of before.
        from: Line,
        /// The line of now.
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

    pub(super) fn fields(&self, voice: Voice) -> Map<String, Value> {
        match self {
            Self::Tool(error) => {
                let mut fields = error.fields();
                if voice != Voice::Local {
                    // For whoever set this server up; they are in the log.
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

    /// What it means and what to do, where no request is to blame.
    pub(super) fn advice(&self, voice: Voice) -> String {
        self.message(voice, None)
    }

    pub(super) fn message(&self, voice: Voice, id: Option<&str>) -> String {
        match self {
            Self::Tool(error) => message(error, voice, id),
            Self::Denied(Denied::Scope) => "The access token does not reach this far. Ask the \
                 user to connect again and to allow changes."
                .to_owned(),
            Self::CredentialRequired { url } => {
                // No full stop behind the link: it would be copied with it.
                format!(
                    "No Kestra credential is saved for you. Ask the user to open this page and to save one: {url}"
                )
            }
            Self::CredentialRefused { url } => format!(
                "Kestra refuses the credential that is registered for you (401). Ask the user to \
                 open {url} and to register another one; trying again does not help."
            ),
            Self::ConfiguredRefused { why, places } => {
                let Refusal { found, remedy } = why;
                let places: Vec<String> = places.iter().map(in_words).collect();
                let places = places.join(" and ");
                sentences([
                    format!("The credential is refused: {found}"),
                    format!("It comes from {places}"),
                    format!("Ask the user: {remedy}"),
                    "Then this server is restarted; trying again does not help".to_owned(),
                ])
            }
            Self::Withheld { faults } => format!(
                "Nothing is sent to Kestra, because settings of this server hold placeholders. Ask the \
                 user to fix them and to restart it: {}",
                ended(
                    &faults
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(". ")
                )
            ),
            Self::NoTenant(_) if voice == Voice::Remote => sentences([
                "This server is set to a tenant that Kestra does not have",
                &to_operator(id),
            ]),
            Self::NoTenant(Refusal { found, remedy }) => sentences([
                format!("Nothing was done: {found}"),
                format!("Ask the user: {remedy}, then restart this server"),
            ]),
            Self::CredentialTooPowerful => "The Kestra token belongs to an administrator. \
                 Register one of an ordinary account."
                .to_owned(),
            Self::CredentialUnsaid => {
                "Kestra does not say whether the registered token belongs to \
                 an administrator, and this server takes none of theirs. Ask the user to tell the \
                 operator of this server."
                    .to_owned()
            }
            Self::SharedTooPowerful => sentences([
                "The Kestra account that everybody shares here belongs to an administrator, or Kestra \
                 does not say whether it does, and this server takes none of theirs",
                &to_operator(id),
            ]),
            Self::CredentialOverdue => {
                "Your account could not be checked: Kestra does not say now \
                 whether it is still an ordinary one. Nothing was sent. Reading goes on; try the \
                 change again in half a minute."
                    .to_owned()
            }
            Self::NotKept(fault) => fault.why().map_or_else(
                || format!("It could not be kept{}.", bracketed(id)),
                str::to_owned,
            ),
            Self::Denied(Denied::Role) => "Your role does not permit this.".to_owned(),
            Self::Denied(Denied::ReadOnly) => "This server is read-only, at least with \
                 the Kestra credential in use. Nothing was sent; the user can make this change in \
                 Kestra's UI."
                .to_owned(),
            Self::Busy { limit } => {
                format!("Limit of {limit} calls at once reached; try again in 1 s.")
            }
            Self::Upgraded { from, to } => format!(
                "Kestra was upgraded from {} to {} while this server ran, and the request for the \
                 old version found nothing. Read the object, then call the tool again.",
                from.as_str(),
                to.as_str()
            ),
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

/// What `error` means and what to do, where no request is to blame.
pub(super) fn advice(error: &Error, voice: Voice) -> String {
    message(error, voice, None)
}

/// What a model reads.
fn message(error: &Error, voice: Voice, id: Option<&str>) -> String {
    if voice == Voice::Remote
        && let Some(message) = of_operator(error, id)
    {
        return message;
    }
    match error {
        Error::Invalid { faults, .. } => {
            let told: Vec<String> = fault::told(faults).iter().map(Fault::to_string).collect();
            told.join(" ")
        }
        Error::Refused { message } | Error::Conflict { message, .. } => message.clone(),
        Error::NotFound { kind, near } if near.is_empty() => {
            format!("No such {kind}, or you may not see it.")
        }
        Error::Hidden { kind } => format!("No such {kind}, or you may not see it."),
        Error::NotFound { kind, .. } => {
            format!("No such {kind}, or you may not see it. Similar ones are in near.")
        }
        Error::NoRevision { kind, latest } => {
            format!("The {kind} has no such revision; its latest is {latest}.")
        }
        Error::Elsewhere { asked, answered } => elsewhere(asked, answered),
        Error::CredentialRefused => "Kestra refused the configured credential (401). Ask the user \
             to check KESTRA_API_TOKEN, or KESTRA_USERNAME and KESTRA_PASSWORD, and to restart \
             this server; trying again does not help."
            .to_owned(),
        Error::Forbidden {
            permission: Some(permission),
        } => format!(
            "Kestra forbids this to the configured account (403): it needs the permission \
             {permission}, or this server lacks the feature. Ask the user."
        ),
        Error::Forbidden { permission: None } => "Kestra forbids this to the configured account \
             (403), or this server lacks the feature. Ask the user."
            .to_owned(),
        Error::Unreachable { address, cause } => format!(
            "Cannot reach Kestra at {address}: {} Nothing was sent. Ask the user whether \
             Kestra runs and KESTRA_API_URL is right.",
            ended(cause)
        ),
        Error::NotKestra { address } => format!(
            "What answers at {address} is not the API of Kestra: check the host and the path of \
             KESTRA_API_URL."
        ),
        Error::Timeout { seconds } => format!(
            "Kestra did not answer within {seconds} s. Nothing was changed; ask for less (a \
             smaller size, a narrower filter) or try again."
        ),
        Error::Busy { name } => format!(
            "Another change of {name} through this server has not ended. Nothing was sent; try \
             again."
        ),
        Error::OutcomeUnknown { advice } => {
            format!("The request was sent; its outcome is unknown. {advice}")
        }
        Error::NotConfigured { variables } => format!(
            "The connection to Kestra is not configured. Ask the user to set {} for this server \
             and to restart it.",
            listed(variables)
        ),
        Error::Unsupported { version, closest } => format!(
            "Kestra {version} is not supported; the nearest supported line is {closest}. Ask the \
             user to upgrade Kestra."
        ),
        Error::Unusable(why) => unusable::message(why),
        Error::Upstream {
            status: 400..=499,
            message,
            ..
        } if !message.is_empty() => message.clone(),
        Error::Upstream {
            status: status @ 400..=499,
            ..
        } => {
            let request = id.map_or_else(String::new, |id| format!(", request {id}"));
            format!("Kestra refused the request ({status}{request}).")
        }
        Error::Upstream { .. } => format!("Kestra failed{}.", bracketed(id)),
        Error::Validation { version, .. } => format!(
            "Kestra {version} refuses this source; nothing was saved. Fix what `faults` names."
        ),
        Error::TooLarge { bytes, most, url } => {
            let there = url.as_ref().map_or("", |_| "; ask the user to open url");
            format!("It has {bytes} bytes, and this server passes on at most {most}{there}.")
        }
        Error::NoRoom => "The memory for answers of Kestra is in use by other calls. Nothing was \
             changed; try again in 1 s, or ask for less (a smaller size, a narrower filter)."
            .to_owned(),
        Error::Cancelled => "The call was cancelled.".to_owned(),
        Error::Internal(_) => format!("Internal error{}.", bracketed(id)),
    }
}

/// Where a change went instead of where it was asked for.
fn elsewhere(asked: &Map<String, Value>, answered: &Map<String, Value>) -> String {
    let others: Vec<String> = asked
        .iter()
        .map(|(name, wanted)| {
            let found = answered.get(name).unwrap_or(&Value::Null);
            format!("{name} {} instead of {}", plain(found), plain(wanted))
        })
        .collect();
    sentences([
        &*format!(
            "The change was sent, and Kestra's answer is about something else: {}",
            others.join(", ")
        ),
        "Whatever it did, it did there",
        "Read both before you try again",
    ])
}

/// Whom those ask who cannot mend it: a clause.
fn to_operator(id: Option<&str>) -> String {
    let request = bracketed(id);
    format!("ask the user to tell the operator of this server{request}")
}

/// The name of a request by which its operator finds it in the log, where there is one.
fn bracketed(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(" (request {id})"))
}

/// Where a setting was said, for a person.
pub(super) fn in_words(place: &Place) -> String {
    match &place.file {
        None => format!("the environment variable {}", place.name),
        Some(file) if place.name.ends_with("_file") => {
            format!("the file that {} in {} names", place.name, file.display())
        }
        Some(file) => format!("{} in {}", place.name, file.display()),
    }
}

/// What people who did not set this server up are told of what its operator must mend: no address,
/// no name of a setting.
fn of_operator(error: &Error, id: Option<&str>) -> Option<String> {
    let operator = to_operator(id);
    Some(match error {
        Error::CredentialRefused => sentences([
            "Kestra refuses the credential of this server (401); trying again does not help",
            &operator,
        ]),
        Error::Forbidden { permission } => {
            let needs = permission.map_or_else(String::new, |permission| {
                format!("it needs the permission {permission}, or ")
            });
            format!(
                "Kestra forbids this to the account in use (403): {needs}this server lacks the \
                 feature. Ask the user."
            )
        }
        Error::Unreachable { .. } => sentences([
            "Kestra cannot be reached now",
            "Nothing was sent; try again later",
            &format!("If it lasts, {operator}"),
        ]),
        Error::NotConfigured { .. } => {
            sentences(["This server is not connected to a Kestra", &operator])
        }
        Error::NotKestra { .. } => sentences([
            "What answers in the place of Kestra is not its API",
            &operator,
        ]),
        _ => return None,
    })
}

/// The variables of a credential are two ways: a token, or a name and a password.
fn listed(variables: &[&str]) -> String {
    let has = |name: &str| variables.contains(&name);
    let mut parts = Vec::new();
    if has("KESTRA_API_URL") {
        parts.push("KESTRA_API_URL");
    }
    if has("KESTRA_API_TOKEN") {
        parts.push("KESTRA_API_TOKEN (or KESTRA_USERNAME and KESTRA_PASSWORD)");
    }
    parts.join(" and ")
}

#[cfg(test)]
mod tests;
