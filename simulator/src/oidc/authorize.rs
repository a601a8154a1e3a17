//! The authorization endpoint and the login form (OpenID Connect Core 3.1.2).

use crate::{received::Received, response::Response};

use super::{
    Deceit, key, page,
    state::{AuthorizationRequest, State},
};

/// The name of the session cookie.
const COOKIE: &str = "development_provider";

type Pairs = Vec<(String, String)>;

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// The authorization response: a 303 to the redirect URI, with the outcome in its query.
fn redirect(state: &State, request: &AuthorizationRequest, outcome: &[(&str, &str)]) -> Response {
    let issuer = state.issuer();
    let lie = state.deceits.iter().find_map(|deceit| match deceit {
        Deceit::ResponseIssuer(issuer) => Some(issuer.as_deref()),
        _ => None,
    });
    let honest = state.settings.response_issuer.then_some(issuer.as_str());
    let pairs = outcome
        .iter()
        .copied()
        .chain(request.state.as_deref().map(|state| ("state", state)))
        .chain(lie.unwrap_or(honest).map(|issuer| ("iss", issuer)));
    let mut location = request.redirect_uri.clone();
    for (name, value) in pairs {
        location.push(if location.contains('?') { '&' } else { '?' });
        location.push_str(name);
        location.push('=');
        location.push_str(&percent(value));
    }
    Response::empty(303)
        .with_header("location", &location)
        .with_header("cache-control", "no-store")
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Validates an authorization request; otherwise returns the error response.
fn read(state: &State, pairs: &[(String, String)]) -> Result<AuthorizationRequest, Response> {
    let client_id = value(pairs, "client_id").unwrap_or_default();
    let redirect_uri = value(pairs, "redirect_uri").unwrap_or_default();
    let client = state
        .settings
        .clients
        .iter()
        .find(|client| client.id == client_id)
        .ok_or_else(|| page::wrong("There is no such client."))?;
    let allowed = if client.redirect_uris.is_empty() {
        ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"]
            .iter()
            .any(|loopback| redirect_uri.starts_with(loopback))
    } else {
        client.redirect_uris.iter().any(|uri| uri == redirect_uri)
    };
    if !allowed {
        return Err(page::wrong("This redirect_uri is not one of the client's."));
    }
    let scopes: Vec<&str> = value(pairs, "scope")
        .unwrap_or_default()
        .split(' ')
        .collect();
    let request = AuthorizationRequest {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: value(pairs, "state").map(str::to_owned),
        nonce: value(pairs, "nonce").map(str::to_owned),
        challenge: value(pairs, "code_challenge")
            .unwrap_or_default()
            .to_owned(),
        // As OpenID Connect defines it, and as Google does.
        offline: scopes.contains(&"offline_access")
            || value(pairs, "access_type") == Some("offline"),
    };
    let forced = state.deceits.iter().find_map(|deceit| match deceit {
        Deceit::AuthorizeError { error, description } => {
            Some((error.as_str(), description.as_str()))
        }
        _ => None,
    });
    let problem = if forced.is_some() {
        forced
    } else if value(pairs, "response_type") != Some("code") {
        Some(("unsupported_response_type", "only code"))
    } else if !scopes.contains(&"openid") {
        Some(("invalid_scope", "openid is missing"))
    } else if value(pairs, "code_challenge_method") != Some("S256") || request.challenge.len() != 43
    {
        Some(("invalid_request", "PKCE with S256 is required"))
    } else {
        None
    };
    match problem {
        Some((error, description)) => Err(redirect(
            state,
            &request,
            &[("error", error), ("error_description", description)],
        )),
        None => Ok(request),
    }
}

/// The endpoint `/authorize`.
pub(super) fn authorize(
    state: &mut State,
    received: &Received,
    pairs: &[(String, String)],
) -> Response {
    let request = match read(state, pairs) {
        Ok(request) => request,
        Err(response) => return response,
    };
    let prompts = value(pairs, "prompt").unwrap_or_default().to_owned();
    let asks = |word: &str| prompts.split(' ').any(|prompt| prompt == word);
    let now = state.now();
    let too_old = |since: u64| {
        let limit = value(pairs, "max_age").and_then(|text| text.parse::<u64>().ok());
        limit.is_some_and(|limit| now.saturating_sub(since) > limit.saturating_mul(1000))
    };
    let again = asks("login");
    if let Some((login, since)) = state.signed_in.clone() {
        // Where the person would have to sign in again, pretend that they just did.
        let since = if again || too_old(since) { now } else { since };
        state.signed_in = Some((login.clone(), since));
        return grant(state, &request, &login, since);
    }
    let session = received
        .header("cookie")
        .unwrap_or_default()
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
        .and_then(|cookie| state.sessions.get(cookie))
        .filter(|(_, since)| !again && !too_old(*since))
        .cloned();
    match session {
        Some((login, since)) => grant(state, &request, &login, since),
        None if asks("none") => redirect(state, &request, &[("error", "login_required")]),
        None => form(state, pairs, None),
    }
}

fn form(state: &State, pairs: &[(String, String)], problem: Option<&str>) -> Response {
    let hidden: Pairs = pairs
        .iter()
        .filter(|(name, _)| name != "username" && name != "password")
        .cloned()
        .collect();
    let names: Vec<String> = state.people.keys().cloned().collect();
    page::login(&hidden, &names, problem)
}

fn grant(state: &mut State, request: &AuthorizationRequest, login: &str, since: u64) -> Response {
    if state.person(login).is_none() {
        return redirect(
            state,
            request,
            &[
                ("error", "access_denied"),
                ("error_description", "no such person"),
            ],
        );
    }
    match state.code(request.clone(), login, since) {
        Ok(code) => redirect(state, request, &[("code", &code)]),
        Err(_) => redirect(state, request, &[("error", "server_error")]),
    }
}

/// The endpoint `/login`, to which the form is posted.
pub(super) fn login(state: &mut State, pairs: &[(String, String)]) -> Response {
    let request = match read(state, pairs) {
        Ok(request) => request,
        Err(response) => return response,
    };
    let login = value(pairs, "username").unwrap_or_default().to_owned();
    let password = value(pairs, "password").unwrap_or_default();
    let known = state.person(&login).is_some_and(|person| {
        person
            .password
            .as_deref()
            .is_none_or(|right| right == password)
    });
    if !known {
        return form(state, pairs, Some("Unknown user name, or wrong password."));
    }
    let Ok(cookie) = key::random::<24>() else {
        return Response::empty(500);
    };
    let now = state.now();
    state.sessions.insert(cookie.clone(), (login.clone(), now));
    grant(state, &request, &login, now).with_header(
        "set-cookie",
        &format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax"),
    )
}
