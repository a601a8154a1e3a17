//! The token endpoint (OpenID Connect Core 3.1.3 and 12).

mod error;
mod forge;
mod issue;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{received::Received, response::Response, wire};

use error::TokenError;
use issue::issue;

use super::{
    Client, Deceit,
    key::base64url,
    state::{Grant, State},
};

/// The lifetime of an authorization code, in milliseconds.
const CODE: u64 = 60_000;

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.as_str())
}

/// The endpoint `/token`.
pub(super) fn exchange(
    state: &mut State,
    received: &Received,
    form: &[(String, String)],
) -> Response {
    let forced = state.deceits.iter().find_map(|deceit| match deceit {
        Deceit::TokenError { error, description } => Some((error.clone(), description.clone())),
        _ => None,
    });
    let response = if let Some((error, description)) = forced {
        Response::json_as(
            400,
            &json!({ "error": error, "error_description": description }),
        )
    } else {
        match tokens(state, received, form) {
            Ok(tokens) => Response::json(&tokens),
            Err(TokenError(status, error)) => Response::json_as(status, &json!({ "error": error })),
        }
    };
    response.with_header("cache-control", "no-store")
}

fn tokens(
    state: &mut State,
    received: &Received,
    form: &[(String, String)],
) -> Result<Value, TokenError> {
    let client = client(state, received, form)?;
    match value(form, "grant_type") {
        "authorization_code" => {
            let grant = by_code(state, &client, form)?;
            issue(state, &client, &grant, None)
        }
        "refresh_token" => {
            let token = value(form, "refresh_token");
            let grant = by_refresh_token(state, &client, token)?;
            issue(state, &client, &grant, Some(token))
        }
        _ => Err(TokenError(400, "unsupported_grant_type")),
    }
}

/// Authenticates the client, by a method that the discovery document allows.
fn client(
    state: &State,
    received: &Received,
    form: &[(String, String)],
) -> Result<Client, TokenError> {
    let basic = received
        .header("authorization")
        .and_then(|header| header.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (method, id, secret) = if let Some(pair) = &basic {
        let (id, secret) = pair.split_once(':').ok_or(TokenError::CLIENT)?;
        let decode = |text: &str| wire::decode_path(&text.replace('+', " "));
        ("client_secret_basic", decode(id), Some(decode(secret)))
    } else {
        let secret = value(form, "client_secret");
        let secret = Some(secret.to_owned()).filter(|secret| !secret.is_empty());
        let method = if secret.is_some() {
            "client_secret_post"
        } else {
            "none"
        };
        (method, value(form, "client_id").to_owned(), secret)
    };
    let settings = &state.settings;
    settings
        .clients
        .iter()
        .find(|client| client.id == id && client.secret == secret)
        .filter(|_| settings.auth_methods.iter().any(|known| known == method))
        .cloned()
        .ok_or(TokenError::CLIENT)
}

fn by_code(
    state: &mut State,
    client: &Client,
    form: &[(String, String)],
) -> Result<Grant, TokenError> {
    let now = state.now();
    let (grant, made) = state
        .codes
        .remove(value(form, "code"))
        .ok_or(TokenError::GRANT)?;
    let challenge = digest::digest(&digest::SHA256, value(form, "code_verifier").as_bytes());
    let right = now < made.saturating_add(CODE)
        && grant.request.client_id == client.id
        && grant.request.redirect_uri == value(form, "redirect_uri")
        && grant.request.challenge == base64url(challenge);
    if right {
        Ok(grant)
    } else {
        Err(TokenError::GRANT)
    }
}

fn by_refresh_token(state: &mut State, client: &Client, token: &str) -> Result<Grant, TokenError> {
    if token.is_empty() {
        return Err(TokenError::REQUEST);
    }
    if let Some(family) = state.rotated.get(token) {
        state.revoked.insert(family.clone());
        return Err(TokenError::GRANT);
    }
    let grant = state.refresh_tokens.get(token).ok_or(TokenError::GRANT)?;
    if grant.request.client_id != client.id || state.revoked.contains(&grant.family) {
        return Err(TokenError::GRANT);
    }
    Ok(grant.clone())
}
