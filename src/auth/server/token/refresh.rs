//! The grant type `refresh_token` (RFC 6749 section 6), with rotation (RFC 9700 section 4.14.2).

mod recheck;
mod request;
mod rotate;

use super::TokenResponse;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::store::{Client, Hash};
use request::Request;

impl Auth {
    pub(super) async fn refresh(
        &self,
        client: &Client,
        form: &Form,
    ) -> Result<TokenResponse, Error> {
        let request = Request {
            auth: self,
            client,
            token: form.need("refresh_token")?,
            resource: resource_indicator::canonical(&self.0.public, form.get("resource"))?,
            scope: form.get("scope"),
        };
        let _lock = self.0.refresh_locks.lock(Hash::of(request.token)).await;
        let (shown, scope) = request.look_up().await?;
        let (refresh, of) = request.replace(shown).await?;
        let (access, expires_in) = self.access(&of, scope).await?;
        Ok(TokenResponse {
            access,
            expires_in,
            refresh: Some(refresh),
            scope,
        })
    }
}
