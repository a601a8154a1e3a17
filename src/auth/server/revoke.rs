//! `POST /revoke` (RFC 7009).

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};

use crate::auth::client;
use crate::auth::limit::Source;
use crate::auth::server::error::{Error, GrantError};
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::store::{Client, Hash, Ms, Reason};

async fn revoke(
    State(auth): State<Auth>,
    source: Source,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Error> {
    let credentials = client::ClientCredentials::of(&headers, &form)?;
    let client = client::authenticate(&auth, &credentials, source).await?;
    let token = form.need("token")?;
    // `token_type_hint` is not needed: only a JWT contains dots.
    if token.contains('.') {
        auth.revoke_access(&client, token).await?;
    } else {
        auth.revoke_refresh(&client, token).await?;
    }
    // RFC 7009 section 2.2: the same for an unknown token.
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response())
}

pub(in crate::auth) fn router() -> Router<Auth> {
    Router::new().route("/revoke", post(revoke))
}

/// RFC 7009 section 2.1: a token of another client is refused, and stays valid.
fn is_of(client: &Client, owner: &str) -> Result<(), Error> {
    if client.id == owner {
        return Ok(());
    }
    Err(Error::Grant {
        fault: GrantError::OtherClient,
    })
}

impl Auth {
    /// Revokes one access token.
    async fn revoke_access(&self, client: &Client, token: &str) -> Result<(), Error> {
        let Ok(claims) = self.0.signing.verify(token).await else {
            return Ok(());
        };
        is_of(client, &claims.client_id)?;
        let expires = Ms::try_from(claims.exp.saturating_mul(1000)).unwrap_or(Ms::MAX);
        if self.now() < expires {
            self.0.store.revoke_access(&claims.jti, expires).await?;
            self.forget_cached_tokens();
            tracing::info!(grant = claims.sid, "an access token was revoked");
        }
        Ok(())
    }

    /// Ends the grant of a refresh token, which revokes all its tokens.
    async fn revoke_refresh(&self, client: &Client, token: &str) -> Result<(), Error> {
        let Some(shown) = self.0.store.refresh(Hash::of(token)).await? else {
            return Ok(());
        };
        let grant = &shown.of.grant;
        is_of(client, &grant.client_id)?;
        self.end_grant(&grant.id, Reason::Client).await
    }

    /// Ends a grant, which revokes all its tokens; on this server, at once.
    pub(crate) async fn end_grant(&self, grant: &str, reason: Reason) -> Result<(), Error> {
        let store = &self.0.store;
        if store.revoke_grant(grant, reason, self.now()).await? {
            self.forget_cached_tokens();
            let why = reason.as_str();
            // The grant is over even if these cannot be looked up for the log.
            let of = store.grant(grant).await.ok().flatten();
            let client = of.as_ref().map(|of| &*of.grant.client_id);
            let user = of.as_ref().map(|of| &*of.user.id);
            if reason == Reason::Reuse {
                tracing::warn!(
                    grant,
                    client,
                    user,
                    reason = why,
                    "a grant ended with all its tokens: a code or a refresh token was used again \
                     after it was exchanged, so two programs have it. If they belong to one \
                     person, each must sign in by itself, or they must share the newest token"
                );
            } else {
                tracing::info!(grant, client, user, reason = why, "a grant ended");
            }
        }
        Ok(())
    }
}
