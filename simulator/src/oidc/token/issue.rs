//! Issues tokens (OpenID Connect Core 3.1.3.3 and 12.2).

use std::io;

use serde_json::{Map, Value, json};

use super::{
    super::{
        Client, Deceit, Forgery, Person,
        key::random,
        state::{Grant, State},
    },
    error::TokenError,
    forge,
};

/// Issues tokens; `refresh` is the refresh token that is being redeemed.
pub(super) fn issue(
    state: &mut State,
    client: &Client,
    grant: &Grant,
    refresh: Option<&str>,
) -> Result<Value, TokenError> {
    let person = state.person(&grant.login).ok_or(TokenError::GRANT)?.clone();
    let has = |wanted: fn(&Deceit) -> bool| state.deceits.iter().any(wanted);
    let thin = has(|deceit| matches!(deceit, Deceit::NoIdToken))
        || (refresh.is_some() && has(|deceit| matches!(deceit, Deceit::NoIdTokenAtRefresh)));
    let rotate = !has(|deceit| matches!(deceit, Deceit::NoRotation));
    let life = state.settings.token_seconds;

    let access = access_token(state, client, grant, &person)?;
    let mut response =
        json!({ "access_token": access, "token_type": "Bearer", "expires_in": life });
    let Value::Object(fields) = &mut response else {
        return Err(TokenError::SERVER);
    };
    if !thin {
        let id_token = id_token(state, client, grant, &person, refresh.is_some())?;
        fields.insert("id_token".to_owned(), json!(id_token));
    }
    if grant.request.offline && (refresh.is_none() || rotate) {
        let next = random::<24>()?;
        fields.insert("refresh_token".to_owned(), json!(next));
        state.refresh_tokens.insert(next, grant.clone());
        if let Some(old) = refresh {
            state.refresh_tokens.remove(old);
            state.rotated.insert(old.to_owned(), grant.family.clone());
        }
    }
    let end = state.now().saturating_add(life.saturating_mul(1000));
    state.access_tokens.insert(access, (person.login, end));
    Ok(response)
}

/// The claims that ID and access tokens have in common.
fn common(state: &State, person: &Person) -> Map<String, Value> {
    let now = state.now() / 1000;
    [
        ("iss", json!(state.issuer())),
        ("sub", json!(person.subject)),
        ("iat", json!(now)),
        (
            "exp",
            json!(now.saturating_add(state.settings.token_seconds)),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn id_token(
    state: &State,
    client: &Client,
    grant: &Grant,
    person: &Person,
    refreshed: bool,
) -> io::Result<String> {
    let mut claims = person.id_token.clone();
    claims.extend(common(state, person));
    claims.insert("aud".to_owned(), json!(client.id));
    claims.insert("auth_time".to_owned(), json!(grant.signed_in / 1000));
    if let Some(nonce) = grant.request.nonce.as_ref().filter(|_| !refreshed) {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    let forgeries: Vec<&Forgery> = state
        .deceits
        .iter()
        .filter_map(|deceit| match deceit {
            Deceit::IdToken(forgery) => Some(forgery),
            Deceit::RefreshedIdToken(forgery) if refreshed => Some(forgery),
            _ => None,
        })
        .collect();
    forge::token(state, client, "JWT", claims, &forgeries)
}

fn access_token(
    state: &State,
    client: &Client,
    grant: &Grant,
    person: &Person,
) -> io::Result<String> {
    let mut claims = person.access_token.clone();
    claims.extend(common(state, person));
    claims.insert("aud".to_owned(), json!("account"));
    claims.insert("azp".to_owned(), json!(grant.request.client_id));
    claims.insert("jti".to_owned(), json!(random::<12>()?));
    let forgeries: Vec<&Forgery> = state
        .deceits
        .iter()
        .filter_map(|deceit| match deceit {
            Deceit::AccessToken(forgery) => Some(forgery),
            _ => None,
        })
        .collect();
    forge::token(state, client, "JWT", claims, &forgeries)
}
