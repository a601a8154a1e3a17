//! The discovery document, the key set and userinfo.

use serde_json::{Map, Value, json};

use crate::{received::Received, response::Response};

use super::{Deceit, state::State};

/// The discovery document (OpenID Connect Discovery 1.0 §3).
pub(super) fn discovery(state: &State) -> Response {
    let settings = &state.settings;
    let mut document = json!({
        "issuer": state.issuer(),
        "authorization_endpoint": state.url("/authorize"),
        "token_endpoint": state.url("/token"),
        "jwks_uri": state.url("/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        // Offering HS256 is a trap: a client that accepts it would accept a token forged with its
        // own secret.
        "id_token_signing_alg_values_supported": [state.key.algorithm().as_str(), "HS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": settings.auth_methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": settings.response_issuer,
    });
    if let Value::Object(document) = &mut document {
        if settings.userinfo {
            document.insert(
                "userinfo_endpoint".to_owned(),
                json!(state.url("/userinfo")),
            );
        }
        for deceit in &state.deceits {
            match deceit {
                Deceit::DiscoveryIssuer(issuer) => {
                    document.insert("issuer".to_owned(), json!(issuer));
                }
                Deceit::Discovery(name, value) => {
                    document.insert(name.clone(), value.clone());
                }
                _ => {}
            }
        }
    }
    Response::json(&document)
}

/// The key set (RFC 7517 §5).
pub(super) fn keys(state: &State) -> Response {
    Response::json(&json!({ "keys": [state.key.jwk()] }))
}

/// The userinfo response (OpenID Connect Core 5.3).
pub(super) fn userinfo(state: &State, received: &Received) -> Response {
    let person = received
        .header("authorization")
        .and_then(|header| header.strip_prefix("Bearer "))
        .and_then(|token| state.access_tokens.get(token))
        .filter(|(_, end)| *end > state.now())
        .and_then(|(login, _)| state.person(login));
    let Some(person) = person.filter(|_| state.settings.userinfo) else {
        return Response::empty(401)
            .with_header("www-authenticate", "Bearer error=\"invalid_token\"");
    };
    let lie = state.deceits.iter().find_map(|deceit| match deceit {
        Deceit::UserinfoSubject(subject) => Some(subject),
        _ => None,
    });
    let mut claims: Map<String, Value> = person.userinfo.clone();
    claims.insert("sub".to_owned(), json!(lie.unwrap_or(&person.subject)));
    Response::json(&Value::Object(claims))
}
