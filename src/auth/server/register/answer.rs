//! The response to a registration (RFC 7591 section 3.2.1).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, PRAGMA};
use serde::Serialize;

use crate::secret::Secret;
use crate::store::{AuthMethod, Client};

/// The registered metadata (RFC 7591 section 3.2.1).
#[derive(Serialize)]
struct RegistrationResponse<'a> {
    client_id: &'a str,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u8>,
    client_name: &'a str,
    redirect_uris: &'a [String],
    token_endpoint_auth_method: &'static str,
    grant_types: &'a [String],
    response_types: [&'static str; 1],
    application_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

/// The name of a method at the token endpoint.
const fn name_of(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::None => "none",
        AuthMethod::Basic => "client_secret_basic",
        AuthMethod::Post => "client_secret_post",
    }
}

pub(super) fn answer(client: &Client, secret: Option<&Secret>) -> Response {
    let registered = RegistrationResponse {
        client_id: &client.id,
        client_id_issued_at: client.created / 1000,
        client_secret: secret.map(Secret::expose),
        client_secret_expires_at: secret.map(|_| 0),
        client_name: &client.name,
        redirect_uris: &client.redirect_uris,
        token_endpoint_auth_method: name_of(client.auth_method),
        grant_types: &client.grant_types,
        response_types: ["code"],
        application_type: &client.application_type,
        scope: client.scope.as_deref(),
    };
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    (StatusCode::CREATED, headers, Json(registered)).into_response()
}
