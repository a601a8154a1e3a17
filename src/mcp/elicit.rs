//! Leading a person to a page through their client: URL elicitation, which clients of MCP 2026-07-28
//! declare. What comes back opens nothing: the call is made again, with the rights of then.

use std::collections::BTreeMap;

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitRequestParams, InputRequest, InputRequiredResult,
    ProtocolVersion,
};
use rmcp::service::RequestContext;

use super::failure::Failure;

/// Names the question among those of one answer.
const QUESTION: &str = "kestra_credential";
/// What the client shows beside the address.
const WORDS: &str = "Register your Kestra credential on this page, then come back.";

/// Whether the client of a request can lead the person to a page, and did not do so for this call.
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

/// The page that `failure` asks the person to open.
pub(super) const fn page_of(failure: &Failure) -> Option<&String> {
    match failure {
        Failure::CredentialRequired { url } | Failure::CredentialRefused { url } => Some(url),
        _ => None,
    }
}

/// Asks the client to lead the person to `url`.
pub(super) fn lead(url: String) -> InputRequiredResult {
    let question = ElicitRequest::new(ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: WORDS.to_owned(),
        url,
        // 2026-07-28 has none, and the transport takes it out.
        elicitation_id: String::new(),
    });
    InputRequiredResult::from_input_requests(BTreeMap::from([(
        QUESTION.to_owned(),
        InputRequest::Elicitation(question),
    )]))
}
