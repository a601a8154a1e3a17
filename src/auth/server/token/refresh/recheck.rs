//! Asks the provider whether the person may still come in, before a refresh token is exchanged.

use super::super::refuse;
use super::request::{Next, Request};
use crate::auth::provider::{Provider, ProviderError};
use crate::auth::random;
use crate::auth::server::error::{Error, GrantError};
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Checked, Column, GrantOf, Ms, Reason, Shown};

/// Milliseconds for which an answer of the provider counts.
const FRESH: Ms = 60_000;

/// Milliseconds of the lease on a grant: longer than all requests to a provider take.
const LEASE: Ms = 60_000;

/// Seconds after which a client tries again while another server holds the lease.
const AGAIN: u32 = 2;

impl Auth {
    /// The provider of the person, while it is still configured.
    fn provider_of(&self, of: &GrantOf) -> Option<&Provider> {
        self.0.providers.iter().find(|provider| {
            let config = provider.config();
            // Another issuer under the same id is another provider, which must not see the token.
            config.id == of.grant.provider && config.issuer == of.user.issuer
        })
    }
}

impl Request<'_> {
    /// Replaces the token. The provider is asked first, unless it was asked a moment ago, or issued
    /// nothing to ask with.
    pub(super) async fn replace(&self, shown: Shown) -> Result<Next, Error> {
        if shown.used_at.is_some() {
            // A request that gets nothing must not cause a request to the provider.
            self.successor(&shown).await?;
        }
        let GrantOf { grant, user } = &shown.of;
        let Some(provider) = self.auth.provider_of(&shown.of) else {
            tracing::info!(grant = grant.id, "the provider is no longer configured");
            self.auth.end_grant(&grant.id, Reason::Provider).await?;
            return Err(refuse(GrantError::Provider));
        };
        if !self.is_due(&shown) {
            return self.exchange(shown, None).await;
        }
        tracing::debug!(grant = grant.id, user = user.id, "the provider is asked");
        // No transaction stays open during the request. The lease ensures that no two servers show
        // the provider the same token.
        let store = &self.auth.0.store;
        let (me, now) = (random::id()?, self.auth.now());
        let until = now.saturating_add(LEASE);
        let id = grant.id.clone();
        if !store.lease(&id, &me, now, until).await? {
            return Err(Error::Unavailable {
                what: "another server that refreshes the same grant",
                retry_after: Some(AGAIN),
            });
        }
        let result = self.ask_provider(provider).await;
        if let Err(error) = store.release(&id, &me).await {
            tracing::warn!(%error, grant = id, "a lease was not released, and will expire");
        }
        result
    }

    /// Whether the provider has to be asked about the person.
    fn is_due(&self, shown: &Shown) -> bool {
        let grant = &shown.of.grant;
        let age = self.auth.now().saturating_sub(grant.checked_at);
        grant.idp_refresh.is_some() && age >= FRESH
    }

    /// Asks the provider, holding the lease.
    async fn ask_provider(&self, provider: &Provider) -> Result<Next, Error> {
        // Another server may have rotated the token before the lease was taken.
        let (shown, _) = self.look_up().await?;
        if !self.is_due(&shown) {
            return self.exchange(shown, None).await;
        }
        let GrantOf { grant, user } = &shown.of;
        let bound = [user.issuer.as_str(), user.subject.as_str()];
        let place = Column::IDP_REFRESH.of(&grant.id, &bound);
        let ring = &self.auth.0.ring;
        let sealed = grant.idp_refresh.as_deref().unwrap_or_default();
        let token = ring.open(&place, sealed)?;
        let token = std::str::from_utf8(&token).map_err(|_| Error::Internal {
            what: "opening a sealed token",
        })?;
        let answer = provider.refresh(&Secret::new(token), &user.subject).await;
        let login = match answer {
            Ok(login) if !login.roles.is_empty() => login,
            Ok(_) => return Err(self.end_for_person(&grant.id, "no role is left").await),
            Err(error) if error.is_final() => {
                return Err(self
                    .end_for_person(&grant.id, "the provider ended the login")
                    .await);
            }
            Err(error) => return Err(unavailable(&error)),
        };
        let idp_refresh = login.refresh_token.as_ref().map(|token| {
            let plain = token.expose().as_bytes();
            ring.seal(&place, plain)
        });
        let checked = Checked {
            roles: login.roles,
            at: self.auth.now(),
            idp_refresh: idp_refresh.transpose()?,
        };
        self.exchange(shown, Some(checked)).await
    }

    /// Ends the grant of a person who may no longer come in.
    async fn end_for_person(&self, grant: &str, why: &'static str) -> Error {
        tracing::info!(grant, why, "a person may no longer come in");
        match self.auth.end_grant(grant, Reason::Provider).await {
            Ok(()) => refuse(GrantError::Provider),
            Err(error) => error,
        }
    }
}

/// The provider says nothing about the person.
fn unavailable(error: &ProviderError) -> Error {
    let retry_after = match error {
        ProviderError::Down { retry_after } => u32::try_from(*retry_after).ok(),
        _ => None,
    };
    tracing::warn!(%error, "a person cannot be checked at the provider");
    Error::Unavailable {
        what: "the identity provider",
        retry_after,
    }
}
