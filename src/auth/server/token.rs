//! `POST /token` (RFC 6749 section 3.2): exchanges a code or a refresh token for an access token.

mod code;
mod refresh;
mod refresh_lock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, PRAGMA};
use serde::Serialize;
use tracing::Instrument as _;

use crate::auth::client;
use crate::auth::client::{AUTHORIZATION_CODE, REFRESH_TOKEN, authenticate};
use crate::auth::limit::Source;
use crate::auth::random;
use crate::auth::server::error::{Error, GrantError};
use crate::auth::server::form::Form;
use crate::auth::server::scope::Scope;
use crate::auth::server::signing::Claims;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Client, Grant, GrantOf, Ms, OpenError, SealError};

pub(in crate::auth) use refresh_lock::RefreshLocks;

impl From<SealError> for Error {
    fn from(_: SealError) -> Self {
        Self::Internal {
            what: "sealing a token",
        }
    }
}

impl From<OpenError> for Error {
    fn from(_: OpenError) -> Self {
        Self::Internal {
            what: "opening a sealed token",
        }
    }
}

/// A code or refresh token that is not valid.
const fn refuse(fault: GrantError) -> Error {
    Error::Grant { fault }
}

/// What a client receives.
struct TokenResponse {
    access: Secret,
    /// The lifetime of the access token in seconds.
    expires_in: u64,
    refresh: Option<Secret>,
    scope: Scope,
}

/// RFC 6749 section 5.1.
#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    scope: String,
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        let body = Body {
            access_token: self.access.expose(),
            token_type: "Bearer",
            expires_in: self.expires_in,
            refresh_token: self.refresh.as_ref().map(Secret::expose),
            scope: self.scope.to_string(),
        };
        let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
        (headers, Json(body)).into_response()
    }
}

async fn token(
    State(auth): State<Auth>,
    source: Source,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Error> {
    let credentials = client::ClientCredentials::of(&headers, &form)?;
    let client = authenticate(&auth, &credentials, source).await?;
    // If the client hangs up, this request is dropped. What was spent by then, here or at the
    // provider, must still be replaced.
    let work = async move { auth.issue(&client, &form).await };
    let issued = tokio::spawn(work.in_current_span()).await;
    let issued = issued.map_err(|_| Error::Internal {
        what: "the token endpoint",
    })?;
    Ok(issued?.into_response())
}

pub(in crate::auth) fn router() -> Router<Auth> {
    Router::new().route("/token", post(token))
}

/// The scope of a grant.
fn granted(grant: &Grant) -> Result<Scope, Error> {
    Scope::of(&grant.scopes).ok_or(Error::Internal {
        what: "the scope of a grant",
    })
}

impl Auth {
    async fn issue(&self, client: &Client, form: &Form) -> Result<TokenResponse, Error> {
        match form.need("grant_type")? {
            AUTHORIZATION_CODE => self.redeem(client, form).await,
            REFRESH_TOKEN => self.refresh(client, form).await,
            _ => Err(Error::GrantType),
        }
    }

    /// An access token under a grant, and its lifetime in seconds, which never exceeds that of the
    /// grant.
    async fn access(&self, of: &GrantOf, scope: Scope) -> Result<(Secret, u64), Error> {
        let seconds = |ms: Ms| u64::try_from(ms / 1000).unwrap_or_default();
        let iat = seconds(self.now());
        let life = self.0.config.authorization.access_ttl.as_secs();
        let exp = iat.saturating_add(life).min(seconds(of.grant.expires));
        if exp <= iat {
            return Err(refuse(GrantError::Ended));
        }
        let claims = Claims {
            iss: self.0.public.issuer.to_string(),
            sub: of.user.id.clone(),
            aud: of.grant.resource.clone(),
            client_id: of.grant.client_id.clone(),
            scope: scope.at_resource().to_string(),
            sid: of.grant.id.clone(),
            jti: random::id()?,
            iat,
            exp,
            nbf: None,
        };
        let token = self.0.signing.issue(&claims).await?;
        Ok((Secret::new(token), exp - iat))
    }
}
