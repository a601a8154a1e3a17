//! One message for each error of a tool.

use serde_json::{Map, Value};

use super::operator::{bracketed, of_operator};
use super::unusable;
use crate::mcp::audience::Audience;
use crate::tool::bindings::plain;
use crate::tool::error::Fault;
use crate::tool::sentence::{ended, sentences};
use crate::tool::{Error, fault};

/// The message about `error` outside of a request.
pub(in crate::mcp) fn advice(error: &Error, audience: Audience) -> String {
    message(error, audience, None)
}

/// The message about `error` for a model.
pub(super) fn message(error: &Error, audience: Audience, id: Option<&str>) -> String {
    if audience == Audience::Remote
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

/// A change that went to another object than the one asked for.
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

/// The missing variables, with the alternatives for the credential.
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
