//! URL elicitation (MCP 2026-07-28): the client asks the user to open a page. The response grants
//! nothing: the client repeats the call, which is authorized anew.

use std::collections::BTreeMap;

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitRequestParams, InputRequest, InputRequiredResult,
    ProtocolVersion,
};
use rmcp::service::RequestContext;

use super::failure::Failure;

/// The key of the input request.
const QUESTION: &str = "kestra_credential";
/// The message that the client shows with the URL.
const WORDS: &str = "Register your Kestra credential on this page, then come back.";

/// Whether the client supports URL elicitation and did not already answer one for this call.
pub(super) fn may_lead(
    context: &RequestContext<RoleServer>,
    params: &CallToolRequestParams,
) -> bool {
    let is_new = context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    let capabilities = context.client_capabilities();
    let elicitation = capabilities.and_then(|capabilities| capabilities.elicitation);
    is_new
        && elicitation.is_some_and(|elicitation| elicitation.url.is_some())
        && params.input_responses.is_none()
}

/// The page that `failure` asks the user to open.
pub(super) const fn page_of(failure: &Failure) -> Option<&String> {
    match failure {
        Failure::CredentialRequired { url } | Failure::CredentialRefused { url } => Some(url),
        _ => None,
    }
}

/// Asks the client to open `url` for the user.
pub(super) fn lead(url: String) -> InputRequiredResult {
    let question = ElicitRequest::new(ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: WORDS.to_owned(),
        url,
        // 2026-07-28 has no such field, and the transport removes it.
        elicitation_id: String::new(),
    });
    InputRequiredResult::from_input_requests(BTreeMap::from([(
        QUESTION.to_owned(),
        InputRequest::Elicitation(question),
    )]))
}
