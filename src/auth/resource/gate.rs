//! What the MCP endpoint asks of the authorization server, on every request.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use thiserror::Error;

use crate::auth::Auth;
use crate::auth::browser::credential_form;
use crate::auth::server::metadata;
use crate::auth::server::scope::Scope;
use crate::auth::vault::NotKept;
use crate::config::http::Public;
use crate::kestra::Held;
use crate::principal::{Person, Scopes};
use crate::secret::Secret;

/// Who comes in, and with which Kestra credential.
#[async_trait]
pub trait Gate: fmt::Debug + Send + Sync {
    /// The person of the bearer in `headers`, by nothing else than these headers. What it knows may be
    /// two seconds old, not more.
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, Refused>;
    /// Whether `person`, whom it let in, has lost nothing of what let them in but time: a call may
    /// outlive its token, and not the grant, the person, or a revocation.
    async fn keeps(&self, person: &Person) -> Result<(), Refused>;
    /// The Kestra credential that `person` saved here, if any.
    async fn held(&self, person: &Person) -> Result<Option<Arc<Held>>, HeldError>;
    /// Kestra answered 401 to `held`, which [`Gate::held`] gave: from the next call on it is none.
    async fn refused(&self, person: &Person, held: &Held);
    /// Keeps a Kestra token that `person` gave, once Kestra has taken it.
    async fn register(&self, person: &Person, token: &Secret) -> Result<(), NotKept>;
    /// The address of the page on which `person` registers a credential. It opens nothing by itself.
    async fn account_page(&self, person: &Person) -> String;
    /// Whether what it needs answers.
    async fn ready(&self) -> bool;
}

/// Why a person's credential cannot be used.
#[derive(Debug, Error)]
pub enum HeldError {
    /// It belongs to an administrator of Kestra, and those are not taken.
    #[error("the credential belongs to an administrator")]
    Administrator,
    /// Kestra does not say whether it does, and administrators' are not taken.
    #[error("Kestra does not say whether the credential belongs to an administrator")]
    Unsaid,
    /// It cannot be had: the store does not answer, or what it holds does not open.
    #[error("the credential cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a request does not come in (RFC 6750 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It shows no token.
    Missing,
    /// Its token is none of ours, is over, or was revoked.
    Invalid,
    /// Its token does not reach this far.
    Scope(Scopes),
    /// It cannot be said: the store does not answer.
    Unavailable,
}

/// Seconds after which to come again.
const AGAIN: u32 = 5;

impl Refused {
    const fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Scope(_) => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code of the header and a sentence for whoever reads the answer.
    const fn words(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Missing => (None, "An access token is needed."),
            Self::Invalid => (
                Some("invalid_token"),
                "The access token is not valid, or no longer.",
            ),
            Self::Scope(_) => (
                Some("insufficient_scope"),
                "The access token does not reach this far.",
            ),
            Self::Unavailable => (None, "Access cannot be checked now."),
        }
    }

    /// The challenge; `offered` is what a client may ask for.
    fn challenge(self, public: &Public, offered: Scope) -> Option<String> {
        let (error, description) = self.words();
        let scope = match self {
            Self::Missing | Self::Invalid => offered,
            Self::Scope(tools) => Scope {
                tools,
                offline: false,
            },
            Self::Unavailable => return None,
        };
        let error = error.map_or_else(String::new, |error| {
            format!("error=\"{error}\", error_description=\"{description}\", ")
        });
        let metadata = metadata::of_resource(public);
        Some(format!(
            "Bearer {error}resource_metadata=\"{metadata}\", scope=\"{scope}\""
        ))
    }

    /// The whole answer.
    pub fn into_response(self, public: &Public, offered: Scope) -> Response {
        let (error, description) = self.words();
        let error = error.unwrap_or(match self {
            Self::Unavailable => "temporarily_unavailable",
            Self::Missing | Self::Invalid | Self::Scope(_) => "unauthorized",
        });
        let body = json!({ "error": error, "error_description": description });
        let mut response = (self.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        let challenge = self.challenge(public, offered);
        if let Some(value) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        if self == Self::Unavailable {
            headers.insert(RETRY_AFTER, AGAIN.into());
        }
        response
    }
}

#[async_trait]
impl Gate for Auth {
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, Refused> {
        self.bearer(headers).await
    }

    async fn keeps(&self, person: &Person) -> Result<(), Refused> {
        self.still(person).await
    }

    async fn held(&self, person: &Person) -> Result<Option<Arc<Held>>, HeldError> {
        self.0.vault.held(person).await
    }

    async fn refused(&self, person: &Person, held: &Held) {
        self.0.vault.refused(person, held).await;
    }

    async fn register(&self, person: &Person, token: &Secret) -> Result<(), NotKept> {
        let token = credential_form::token(token.expose()).map_err(NotKept::Form)?;
        self.0.vault.keep(person, &token).await
    }

    async fn account_page(&self, person: &Person) -> String {
        self.0.vault.account_page(person).await
    }

    async fn ready(&self) -> bool {
        self.0.store.ping().await.is_ok()
    }
}
