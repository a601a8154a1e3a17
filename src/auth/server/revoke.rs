//! `POST /revoke` (RFC 7009).

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};

use crate::auth::client;
use crate::auth::limit::Source;
use crate::auth::server::error::{Error, GrantFault};
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::store::{Client, Hash, Ms, Reason};

async fn revoke(
    State(auth): State<Auth>,
    source: Source,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Error> {
    let shown = client::Shown::of(&headers, &form)?;
    let client = client::authenticate(&auth, &shown, source).await?;
    let token = form.need("token")?;
    // The hint is not needed: only a JWT has dots.
    if token.contains('.') {
        auth.revoke_access(&client, token).await?;
    } else {
        auth.revoke_refresh(&client, token).await?;
    }
    // RFC 7009 section 2.2: the same for a token that never was.
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response())
}

pub(in crate::auth) fn router() -> Router<Auth> {
    Router::new().route("/revoke", post(revoke))
}

/// RFC 7009 section 2.1: a token of another client is refused, and goes on.
fn is_of(client: &Client, owner: &str) -> Result<(), Error> {
    if client.id == owner {
        return Ok(());
    }
    Err(Error::Grant {
        fault: GrantFault::OtherClient,
    })
}

impl Auth {
    /// Ends one access token.
    async fn revoke_access(&self, client: &Client, token: &str) -> Result<(), Error> {
        let Ok(claims) = self.0.signing.verify(token).await else {
            return Ok(());
        };
        is_of(client, &claims.client_id)?;
        let expires = Ms::try_from(claims.exp.saturating_mul(1000)).unwrap_or(Ms::MAX);
        if self.now() < expires {
            self.0.store.revoke_access(&claims.jti, expires).await?;
            self.forget_checks();
            tracing::info!(grant = claims.sid, "an access token was revoked");
        }
        Ok(())
    }

    /// Ends the grant of a refresh token, and with it all its tokens.
    async fn revoke_refresh(&self, client: &Client, token: &str) -> Result<(), Error> {
        let Some(shown) = self.0.store.refresh(Hash::of(token)).await? else {
            return Ok(());
        };
        let grant = &shown.of.grant;
        is_of(client, &grant.client_id)?;
        self.end_grant(&grant.id, Reason::Client).await
    }

    /// Ends a grant, and with it all its tokens, here at once.
    pub(crate) async fn end_grant(&self, grant: &str, reason: Reason) -> Result<(), Error> {
        let store = &self.0.store;
        if store.revoke_grant(grant, reason, self.now()).await? {
            self.forget_checks();
            let why = reason.as_str();
            // It is over, whoever can be named.
            let of = store.grant(grant).await.ok().flatten();
            let client = of.as_ref().map(|of| &*of.grant.client_id);
            let user = of.as_ref().map(|of| &*of.user.id);
            if reason == Reason::Reuse {
                tracing::warn!(
                    grant,
                    client,
                    user,
                    reason = why,
                    "a grant ended with all its tokens: a code or a refresh token came again that was \
                     exchanged before, so that two have it. If they are programs of one person, each \
                     must sign in by itself, or they must share what is newest"
                );
            } else {
                tracing::info!(grant, client, user, reason = why, "a grant ended");
            }
        }
        Ok(())
    }
}
