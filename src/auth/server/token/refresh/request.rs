//! A request with a refresh token, and what is known of that token.

use super::super::{granted, refuse};
use crate::auth::client::may_refresh;
use crate::auth::server::error::{Error, GrantFault};
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Client, GrantOf, Hash, Shown};

/// A refresh token and the grant as it is afterwards.
pub(super) type Next = (Secret, GrantOf);

/// A request of a client that proved who it is.
pub(super) struct Request<'a> {
    pub(super) auth: &'a Auth,
    pub(super) client: &'a Client,
    pub(super) token: &'a str,
    pub(super) resource: String,
    pub(super) scope: Option<&'a str>,
}

impl Request<'_> {
    /// What is known of the token, and the scope of the access token, if the token is this client's
    /// and its grant goes on. Whatever is refused here changes nothing.
    pub(super) async fn shown(&self) -> Result<(Shown, Scope), Error> {
        let store = &self.auth.0.store;
        let shown = store.refresh(Hash::of(self.token)).await?;
        let shown = shown.ok_or(refuse(GrantFault::Unknown))?;
        let GrantOf { grant, user } = &shown.of;
        if grant.client_id != self.client.id {
            return Err(refuse(GrantFault::OtherClient));
        }
        let now = self.auth.now();
        let is_over = grant.revoked_at.is_some() || user.disabled_at.is_some();
        if is_over || grant.expires <= now || shown.token.expires <= now {
            return Err(refuse(GrantFault::Ended));
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
