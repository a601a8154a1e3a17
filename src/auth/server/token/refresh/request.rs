//! A refresh request, and what is stored about its token.

use super::super::{granted, refuse};
use crate::auth::client::may_refresh;
use crate::auth::server::error::{Error, GrantError};
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Client, GrantOf, Hash, Shown};

/// A refresh token, and its grant after the exchange.
pub(super) type Next = (Secret, GrantOf);

/// The request of an authenticated client.
pub(super) struct Request<'a> {
    pub(super) auth: &'a Auth,
    pub(super) client: &'a Client,
    pub(super) token: &'a str,
    pub(super) resource: String,
    pub(super) scope: Option<&'a str>,
}

impl Request<'_> {
    /// What is stored about the token, and the scope of the access token, if the token is this
    /// client's and its grant is valid. A refusal here changes nothing.
    pub(super) async fn look_up(&self) -> Result<(Shown, Scope), Error> {
        let store = &self.auth.0.store;
        let shown = store.refresh(Hash::of(self.token)).await?;
        let shown = shown.ok_or(refuse(GrantError::Unknown))?;
        let GrantOf { grant, user } = &shown.of;
        if grant.client_id != self.client.id {
            return Err(refuse(GrantError::OtherClient));
        }
        let now = self.auth.now();
        let is_over = grant.revoked_at.is_some() || user.disabled_at.is_some();
        if is_over || grant.expires <= now || shown.token.expires <= now {
            return Err(refuse(GrantError::Ended));
        }
        let granted = granted(grant)?;
        if !may_refresh(self.client, granted) {
            return Err(Error::UnauthorizedClient);
        }
        if grant.resource != self.resource {
            return Err(Error::Target);
        }
        let scope = granted.narrow(self.scope)?;
        Ok((shown, scope))
    }
}
