//! The token endpoint, and the tokens that it makes (OpenID Connect Core 3.1.3 and 12).

mod forge;
mod issue;
mod refused;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{answer::Answer, received::Received, wire};

use issue::issue;
use refused::Refused;

use super::{
    Client, Deceit,
    key::base64url,
    state::{Grant, State},
};

/// Milliseconds that a code lives.
const CODE: u64 = 60_000;

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.as_str())
}

/// `/token`
pub(super) fn exchange(
    state: &mut State,
    received: &Received,
    form: &[(String, String)],
) -> Answer {
    let told = state.deceits.iter().find_map(|deceit| match deceit {
        Deceit::TokenError { error, description } => Some((error.clone(), description.clone())),
        _ => None,
    });
    let answer = if let Some((error, description)) = told {
        Answer::json_as(
            400,
            &json!({ "error": error, "error_description": description }),
        )
    } else {
        match tokens(state, received, form) {
            Ok(tokens) => Answer::json(&tokens),
            Err(Refused(status, error)) => Answer::json_as(status, &json!({ "error": error })),
        }
    };
    answer.with_header("cache-control", "no-store")
}

fn tokens(
    state: &mut State,
    received: &Received,
    form: &[(String, String)],
) -> Result<Value, Refused> {
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
        _ => Err(Refused(400, "unsupported_grant_type")),
    }
}

/// The client, authenticated in a way that the discovery document allows.
fn client(
    state: &State,
    received: &Received,
    form: &[(String, String)],
) -> Result<Client, Refused> {
    let basic = received
        .header("authorization")
        .and_then(|header| header.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (method, id, secret) = if let Some(pair) = &basic {
        let (id, secret) = pair.split_once(':').ok_or(Refused::CLIENT)?;
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
        .ok_or(Refused::CLIENT)
}

fn by_code(
    state: &mut State,
    client: &Client,
    form: &[(String, String)],
) -> Result<Grant, Refused> {
    let now = state.now();
    let (grant, made) = state
        .codes
        .remove(value(form, "code"))
        .ok_or(Refused::GRANT)?;
    let challenge = digest::digest(&digest::SHA256, value(form, "code_verifier").as_bytes());
    let right = now < made.saturating_add(CODE)
        && grant.ask.client_id == client.id
        && grant.ask.redirect_uri == value(form, "redirect_uri")
        && grant.ask.challenge == base64url(challenge);
    if right {
        Ok(grant)
    } else {
        Err(Refused::GRANT)
    }
}

fn by_refresh_token(state: &mut State, client: &Client, token: &str) -> Result<Grant, Refused> {
    if token.is_empty() {
        return Err(Refused::REQUEST);
    }
    if let Some(family) = state.spent.get(token) {
        state.ended.insert(family.clone());
        return Err(Refused::GRANT);
    }
    let grant = state.refresh_tokens.get(token).ok_or(Refused::GRANT)?;
    if grant.ask.client_id != client.id || state.ended.contains(&grant.family) {
        return Err(Refused::GRANT);
    }
    Ok(grant.clone())
}
