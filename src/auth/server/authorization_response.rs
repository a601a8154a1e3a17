//! The authorization response, in the query of the client's redirect URI (RFC 6749 section 4.1.2,
//! RFC 9207).

use std::sync::Arc;

use axum::response::Response;
use url::form_urlencoded::{Serializer, parse};

use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::return_link::ReturnLink;
use crate::auth::browser::see_other::see_other;
use crate::auth::client;
use crate::auth::server::error::Error;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::secret::Secret;
use crate::store::{ClientKind, Transaction};

/// The parameters of a response. A redirect URI's own parameters of these names are dropped, so
/// that a client never finds two.
const OURS: &[&str] = &[
    "code",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "state",
];

/// Where a response goes.
#[derive(Clone, Debug)]
pub(in crate::auth) struct AuthorizationResponse<'a> {
    /// The issuer.
    pub(in crate::auth) issuer: Arc<str>,
    /// The redirect URI, as the client registered it.
    pub(in crate::auth) redirect_uri: &'a str,
    /// The state, as the client sent it.
    pub(in crate::auth) state: Option<&'a str>,
}

impl Auth {
    /// The issuer, by the name that the client requested `resource` under.
    pub(in crate::auth) fn issuer_of(&self, resource: &str) -> Arc<str> {
        let called = resource_indicator::named(&self.0.public, Some(resource));
        called.map_or_else(
            |_| Arc::clone(&self.0.public.issuer),
            |called| called.issuer,
        )
    }
}

impl<'a> AuthorizationResponse<'a> {
    /// A response to the client of `transaction`.
    pub(in crate::auth) fn to(auth: &Auth, transaction: &'a Transaction) -> Self {
        Self {
            issuer: auth.issuer_of(&transaction.resource),
            redirect_uri: &transaction.redirect_uri,
            state: transaction.client_state.as_deref(),
        }
    }

    /// The redirect URI with a code.
    pub(in crate::auth) fn code(&self, code: &Secret) -> String {
        self.with(&[("code", code.expose())])
    }

    /// The redirect URI with an error.
    pub(in crate::auth) fn error(&self, error: &Error) -> String {
        self.with(&[
            ("error", error.code()),
            ("error_description", &error.text()),
        ])
    }

    /// The same, as a link for a page.
    pub(in crate::auth) fn return_link(&self, error: &Error) -> ReturnLink<'a> {
        ReturnLink {
            url: self.error(error),
            redirect_uri: self.redirect_uri,
        }
    }

    /// Answers an error that the client's own request caused, without a click of the person.
    /// Anybody can register a client, and could use this server to redirect browsers anywhere, so
    /// only a client that the operator vouches for is answered by a redirect (RFC 9700 section
    /// 4.11.2). For others, a page shows what is wrong, and links to the redirect URI.
    pub(in crate::auth) fn refuse(
        &self,
        browser: &BrowserRequest,
        kind: ClientKind,
        error: Error,
    ) -> Result<Response, PageError> {
        if client::is_vouched_for(kind) {
            error.log();
            return see_other(&self.error(&error));
        }
        let back = self.return_link(&error);
        let page_error = PageError::of_request(error);
        Ok(page_error.answer(browser, Surface::Authorization, Some(&back)))
    }

    fn with(&self, parameters: &[(&str, &str)]) -> String {
        let uri = self.redirect_uri.split('#').next().unwrap_or_default();
        let (before, query) = uri.split_once('?').unwrap_or((uri, ""));
        let ours =
            |pair: &&str| parse(pair.as_bytes()).any(|(name, _)| OURS.contains(&name.as_ref()));
        let own_query: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !ours(pair))
            .collect();
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        if let Some(state) = self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &self.issuer);
        let query = query.finish();
        let own_query = own_query.join("&");
        let and = if own_query.is_empty() { "" } else { "&" };
        // The empty fragment: without one, the browser would keep the fragment of the previous
        // page.
        format!("{before}?{own_query}{and}{query}#")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(redirect_uri: &str) -> String {
        AuthorizationResponse {
            issuer: "https://kestra.example".into(),
            redirect_uri,
            state: Some("a b&c"),
        }
        .code(&Secret::new("the-code"))
    }

    #[test]
    fn a7_there_is_one_iss_and_the_rest_of_the_query_stays_as_it_was() {
        let ours = "code=the-code&state=a+b%26c&iss=https%3A%2F%2Fkestra.example#";
        assert_eq!(response("app:/cb"), format!("app:/cb?{ours}"));
        assert_eq!(response("https://c/cb?"), format!("https://c/cb?{ours}"));
        assert_eq!(
            response("https://c/cb?a=%7e&iss=evil&b&%69ss=x&state=old"),
            format!("https://c/cb?a=%7e&b&{ours}")
        );
    }
}
