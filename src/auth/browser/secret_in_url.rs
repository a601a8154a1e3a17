//! Secrets that somebody put into the address of a page. Histories and the logs of proxies keep
//! addresses, so nothing of such a request is used: the person reads that the secret is no longer one.

use axum::response::Response;
use http::HeaderValue;
use http::header::REFERRER_POLICY;
use url::form_urlencoded;

use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::pages::Surface;

/// Words in the names of parameters whose values are secrets.
const SECRETS: &[&str] = &[
    "apikey",
    "authorization",
    "basic",
    "bearer",
    "credential",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "token",
];

/// Whether a parameter is named like a secret, in any spelling: `api_token`, `Api-Token`, `apiToken`.
fn is_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|next| next.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|word| name.contains(word))
}

/// The answer to a request whose address holds a secret.
pub(in crate::auth) fn with_secret(visit: &Visit, query: Option<&str>) -> Option<Response> {
    let query = query.unwrap_or_default();
    let mut names = form_urlencoded::parse(query.as_bytes());
    names.find(|(name, _)| is_secret(name))?;
    let mut answer = Trouble::SecretInAddress.answer(visit, Surface::Own, None);
    // Not even to this server: what comes next says nothing of where it comes from.
    let headers = answer.headers_mut();
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_any_spelling() {
        for name in [
            "token",
            "api_token",
            "Api-Token",
            "apiToken",
            "TOKEN",
            "kestra.token",
            "token[]",
            "password",
            "user_password",
            "client_secret",
            "api-key",
            "Authorization",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["t", "provider", "saved", "user", "username", "state"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
