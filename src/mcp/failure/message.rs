//! One message for each reason why a call has no result.

use super::Failure;
use super::operator::{bracketed, to_operator};
use super::origin::in_words;
use super::tool_error;
use crate::kestra::refusal::Refusal;
use crate::mcp::audience::Audience;
use crate::policy::Denied;
use crate::tool::sentence::{ended, sentences};

impl Failure {
    /// The message outside of a request.
    pub(in crate::mcp) fn advice(&self, audience: Audience) -> String {
        self.message(audience, None)
    }

    pub(in crate::mcp) fn message(&self, audience: Audience, id: Option<&str>) -> String {
        match self {
            Self::Tool(error) => tool_error::message(error, audience, id),
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
            Self::NoTenant(_) if audience == Audience::Remote => sentences([
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
