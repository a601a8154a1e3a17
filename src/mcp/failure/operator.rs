//! Messages for remote users about what only the operator can fix.

use crate::tool::Error;
use crate::tool::sentence::sentences;

/// The clause that sends a user to the operator.
pub(super) fn to_operator(id: Option<&str>) -> String {
    let request = bracketed(id);
    format!("ask the user to tell the operator of this server{request}")
}

/// The id of the request in brackets, by which the operator finds it in the log.
pub(super) fn bracketed(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(" (request {id})"))
}

/// The message about a fault that the operator has to fix: it names no address and no setting.
pub(super) fn of_operator(error: &Error, id: Option<&str>) -> Option<String> {
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
