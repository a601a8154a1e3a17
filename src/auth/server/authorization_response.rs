//! The answer to an authorization request, in the query of the client's redirect URI (RFC 6749
//! section 4.1.2, RFC 9207).

use std::sync::Arc;

use axum::response::Response;
use url::form_urlencoded::{Serializer, parse};

use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::return_link::Back;
use crate::auth::browser::see_other::see_other;
use crate::auth::client;
use crate::auth::server::error::Error;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::secret::Secret;
use crate::store::{ClientKind, Transaction};

/// The parameters of an answer. What a redirect URI says of them itself is left out: a client must
/// not find two.
const OURS: &[&str] = &[
    "code",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "state",
];

/// Where an answer goes.
#[derive(Clone, Debug)]
pub(in crate::auth) struct Reply<'a> {
    /// Who answers.
    pub(in crate::auth) issuer: Arc<str>,
    /// As the client registered it.
    pub(in crate::auth) redirect_uri: &'a str,
    /// As the client sent it.
    pub(in crate::auth) state: Option<&'a str>,
}

impl Auth {
    /// The issuer that a client knows which was granted `resource`.
    pub(in crate::auth) fn issuer_of(&self, resource: &str) -> Arc<str> {
        let called = resource_indicator::called(&self.0.public, Some(resource));
        called.map_or_else(
            |_| Arc::clone(&self.0.public.issuer),
            |called| called.issuer,
        )
    }
}

impl<'a> Reply<'a> {
    /// To the client of `transaction`.
    pub(in crate::auth) fn to(auth: &Auth, transaction: &'a Transaction) -> Self {
        Self {
            issuer: auth.issuer_of(&transaction.resource),
            redirect_uri: &transaction.redirect_uri,
            state: transaction.client_state.as_deref(),
        }
    }

    /// The address with a code.
    pub(in crate::auth) fn code(&self, code: &Secret) -> String {
        self.with(&[("code", code.expose())])
    }

    /// The address with an error.
    pub(in crate::auth) fn error(&self, error: &Error) -> String {
        self.with(&[
            ("error", error.code()),
            ("error_description", &error.text()),
        ])
    }

    /// The same as a link for a page.
    pub(in crate::auth) fn back(&self, error: &Error) -> Back<'a> {
        Back {
            address: self.error(error),
            redirect_uri: self.redirect_uri,
        }
    }

    /// Tells the client of an error that its own request brought about, and nobody clicked for. Whoever
    /// wants to registers a client, and would have this server send browsers wherever they like: only
    /// a client that the operator vouches for is told by a redirect (RFC 9700 section 4.11.2). Of the
    /// others the person reads what is wrong, where the client wants to be answered, and may go there.
    pub(in crate::auth) fn refuse(
        &self,
        visit: &Visit,
        kind: ClientKind,
        error: Error,
    ) -> Result<Response, Trouble> {
        if client::is_vouched_for(kind) {
            error.log();
            return see_other(&self.error(&error));
        }
        let back = self.back(&error);
        let trouble = Trouble::of_request(error);
        Ok(trouble.answer(visit, Surface::Authorization, Some(&back)))
    }

    fn with(&self, parameters: &[(&str, &str)]) -> String {
        let uri = self.redirect_uri.split('#').next().unwrap_or_default();
        let (before, query) = uri.split_once('?').unwrap_or((uri, ""));
        let ours =
            |pair: &&str| parse(pair.as_bytes()).any(|(name, _)| OURS.contains(&name.as_ref()));
        let kept: Vec<&str> = query
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
        let kept = kept.join("&");
        let and = if kept.is_empty() { "" } else { "&" };
        // The empty fragment: without one, a browser would carry over that of the page before.
        format!("{before}?{kept}{and}{query}#")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(redirect_uri: &str) -> String {
        Reply {
            issuer: "https://kestra.example".into(),
            redirect_uri,
            state: Some("a b&c"),
        }
        .code(&Secret::new("the-code"))
    }

    #[test]
    fn a7_there_is_one_iss_and_the_rest_of_the_query_stays_as_it_was() {
        let ours = "code=the-code&state=a+b%26c&iss=https%3A%2F%2Fkestra.example#";
        assert_eq!(reply("app:/cb"), format!("app:/cb?{ours}"));
        assert_eq!(reply("https://c/cb?"), format!("https://c/cb?{ours}"));
        assert_eq!(
            reply("https://c/cb?a=%7e&iss=evil&b&%69ss=x&state=old"),
            format!("https://c/cb?a=%7e&b&{ours}")
        );
    }
}
