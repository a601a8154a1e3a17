//! Secrets that somebody put into the URL of a page. Browser histories and proxy logs record URLs,
//! so nothing in such a request is used, and the person reads that the secret is no longer one.

use axum::response::Response;
use http::HeaderValue;
use http::header::REFERRER_POLICY;
use url::form_urlencoded;

use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
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

/// Whether the name of a parameter means a secret, in any spelling: `api_token`, `Api-Token`,
/// `apiToken`.
fn is_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|next| next.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|word| name.contains(word))
}

/// The answer to a request whose URL contains a secret.
pub(in crate::auth) fn with_secret(
    browser: &BrowserRequest,
    query: Option<&str>,
) -> Option<Response> {
    let query = query.unwrap_or_default();
    let mut names = form_urlencoded::parse(query.as_bytes());
    names.find(|(name, _)| is_secret(name))?;
    let mut answer = PageError::SecretInUrl.answer(browser, Surface::Own, None);
    // Not even this server may receive the URL as the referrer of the next request.
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
