//! Whether the provider still lets the person in: asked before a refresh token is exchanged.

use super::super::refuse;
use super::request::{Next, Request};
use crate::auth::provider::{Provider, ProviderError};
use crate::auth::random;
use crate::auth::server::error::{Error, GrantFault};
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Checked, Column, GrantOf, Ms, Reason, Shown};

/// Milliseconds for which what the provider said need not be asked again.
const FRESH: Ms = 60_000;

/// Milliseconds for which the grant is leased: longer than all questions to a provider take.
const LEASE: Ms = 60_000;

/// Seconds after which a client whose grant is leased elsewhere comes again.
const AGAIN: u32 = 2;

impl Auth {
    /// The provider that vouched for the person, while it is still configured.
    fn provider_of(&self, of: &GrantOf) -> Option<&Provider> {
        self.0.providers.iter().find(|provider| {
            let config = provider.config();
            // Another issuer under the same name is somebody else, who must not see the token.
            config.id == of.grant.provider && config.issuer == of.user.issuer
        })
    }
}

impl Request<'_> {
    /// What replaces the token: the provider is asked first, unless it just was, or gave nothing to
    /// ask with.
    pub(super) async fn next(&self, shown: Shown) -> Result<Next, Error> {
        if shown.used_at.is_some() {
            // Who gets nothing by it has nobody asked.
            self.successor(&shown).await?;
        }
        let GrantOf { grant, user } = &shown.of;
        let Some(provider) = self.auth.provider_of(&shown.of) else {
            tracing::info!(grant = grant.id, "the provider is no longer configured");
            self.auth.end_grant(&grant.id, Reason::Provider).await?;
            return Err(refuse(GrantFault::Provider));
        };
        if !self.is_due(&shown) {
            return self.give(shown, None).await;
        }
        tracing::debug!(grant = grant.id, user = user.id, "the provider is asked");
        // No transaction spans the question. The lease does, so that no two servers show the
        // provider the same token.
        let store = &self.auth.0.store;
        let (me, now) = (random::id()?, self.auth.now());
        let until = now.saturating_add(LEASE);
        let id = grant.id.clone();
        if !store.lease(&id, &me, now, until).await? {
            return Err(Error::Down {
                what: "another server that refreshes the same grant",
                retry_after: Some(AGAIN),
            });
        }
        let asked = self.asked(provider).await;
        if let Err(error) = store.release(&id, &me).await {
            tracing::warn!(%error, grant = id, "a lease runs out instead of ending");
        }
        asked
    }

    /// Whether the provider is to be asked about the person.
    fn is_due(&self, shown: &Shown) -> bool {
        let grant = &shown.of.grant;
        let age = self.auth.now().saturating_sub(grant.checked_at);
        grant.idp_refresh.is_some() && age >= FRESH
    }

    /// Asks the provider, under the lease.
    async fn asked(&self, provider: &Provider) -> Result<Next, Error> {
        // Another server may have been here before the lease was taken.
        let (shown, _) = self.shown().await?;
        if !self.is_due(&shown) {
            return self.give(shown, None).await;
        }
        let GrantOf { grant, user } = &shown.of;
        let bound = [user.issuer.as_str(), user.subject.as_str()];
        let place = Column::IDP_REFRESH.of(&grant.id, &bound);
        let ring = &self.auth.0.ring;
        let sealed = grant.idp_refresh.as_deref().unwrap_or_default();
        let token = ring.open(&place, sealed)?;
        let token = std::str::from_utf8(&token).map_err(|_| Error::Broken {
            what: "the opening of a sealed token",
        })?;
        let said = provider.refresh(&Secret::new(token), &user.subject).await;
        let login = match said {
            Ok(login) if !login.roles.is_empty() => login,
            Ok(_) => return Err(self.gone(&grant.id, "no role is left").await),
            Err(error) if error.is_final() => {
                return Err(self.gone(&grant.id, "the provider ended the login").await);
            }
            Err(error) => return Err(down(&error)),
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
        self.give(shown, Some(checked)).await
    }

    /// Ends the grant of a person who may come in no more.
    async fn gone(&self, grant: &str, why: &'static str) -> Error {
        tracing::info!(grant, why, "a person may come in no more");
        match self.auth.end_grant(grant, Reason::Provider).await {
            Ok(()) => refuse(GrantFault::Provider),
            Err(error) => error,
        }
    }
}

/// A provider that says nothing about the person.
fn down(error: &ProviderError) -> Error {
    let retry_after = match error {
        ProviderError::Down { retry_after } => u32::try_from(*retry_after).ok(),
        _ => None,
    };
    tracing::warn!(%error, "a person cannot be checked at the provider");
    Error::Down {
        what: "the identity provider",
        retry_after,
    }
}
