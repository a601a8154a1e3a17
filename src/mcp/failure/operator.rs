//! What users are told of what only the operator of this server can fix.

use crate::tool::Error;
use crate::tool::sentence::sentences;

/// Whom those ask who cannot mend it: a clause.
pub(super) fn to_operator(id: Option<&str>) -> String {
    let request = bracketed(id);
    format!("ask the user to tell the operator of this server{request}")
}

/// The name of a request by which its operator finds it in the log, where there is one.
pub(super) fn bracketed(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(" (request {id})"))
}

/// What people who did not set this server up are told of what its operator must mend: no address,
/// no name of a setting.
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
