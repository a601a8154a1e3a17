//! The grant type `refresh_token` (RFC 6749 section 6), with rotation (RFC 9700 section 4.14.2).

use super::{Issued, granted, refuse};
use crate::auth::Auth;
use crate::auth::client::may_refresh;
use crate::auth::provider::{Provider, ProviderError};
use crate::auth::random;
use crate::auth::server::error::{Error, GrantFault};
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::auth::server::scope::Scope;
use crate::config::http::RefreshReuse;
use crate::secret::Secret;
use crate::store::{
    Checked, Client, Column, GrantOf, Hash, Ms, Reason, RefreshToken, Rotation, Shown, seal,
};

/// Milliseconds for which what the provider said need not be asked again.
const FRESH: Ms = 60_000;
/// Milliseconds for which the grant is leased: longer than all questions to a provider take.
const LEASE: Ms = 60_000;
/// Seconds after which a client whose grant is leased elsewhere comes again.
const AGAIN: u32 = 2;
/// What a successor is sealed for.
const SUCCESSOR: &str = "refresh-successor";

/// A refresh token and the grant as it is afterwards.
type Next = (Secret, GrantOf);

/// A request of a client that proved who it is.
struct Request<'a> {
    auth: &'a Auth,
    client: &'a Client,
    token: &'a str,
    resource: String,
    scope: Option<&'a str>,
}

impl Auth {
    pub(super) async fn refresh(&self, client: &Client, form: &Form) -> Result<Issued, Error> {
        let request = Request {
            auth: self,
            client,
            token: form.need("refresh_token")?,
            resource: resource_indicator::ours(&self.0.public, form.get("resource"))?,
            scope: form.get("scope"),
        };
        let _turn = self.0.turns.take(Hash::of(request.token)).await;
        let (shown, scope) = request.shown().await?;
        let (refresh, of) = request.next(shown).await?;
        let (access, expires_in) = self.access(&of, scope).await?;
        Ok(Issued {
            access,
            expires_in,
            refresh: Some(refresh),
            scope,
        })
    }

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
    /// What is known of the token, and the scope of the access token, if the token is this client's
    /// and its grant goes on. Whatever is refused here changes nothing.
    async fn shown(&self) -> Result<(Shown, Scope), Error> {
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

    /// The successor of a token that was spent before, while nobody used it: several programs of one
    /// person may share a file of tokens, and one of them slept. Afterwards, within the grace, a request
    /// that crossed another; later a thief or the victim of one.
    async fn successor(&self, shown: &Shown) -> Result<Secret, Error> {
        let grace = self.auth.0.config.authorization.refresh_grace;
        if let (false, false, Some((_, sealed))) =
            (grace.is_zero(), shown.successor_used, &shown.successor)
        {
            let successor = seal::open_under(self.token, SUCCESSOR, sealed)?;
            let successor = std::str::from_utf8(&successor).map_err(|_| Error::Broken {
                what: "the opening of a sealed token",
            })?;
            return Ok(Secret::new(successor));
        }
        let now = self.auth.now();
        if shown.grace_until.is_some_and(|until| now < until) {
            return Err(refuse(GrantFault::Spent));
        }
        let GrantOf { grant, user } = &shown.of;
        match self.auth.0.config.authorization.refresh_reuse {
            RefreshReuse::End => {
                self.auth.end_grant(&grant.id, Reason::Reuse).await?;
                Err(refuse(GrantFault::Reused))
            }
            RefreshReuse::Refuse => {
                tracing::warn!(
                    grant = grant.id,
                    client = grant.client_id,
                    user = user.id,
                    "a refresh token came again that was exchanged long before, so that two have it: \
                     it is refused, and its grant goes on because of oauth.refresh_reuse"
                );
                Err(refuse(GrantFault::Spent))
            }
        }
    }

    /// What replaces the token: the provider is asked first, unless it just was, or gave nothing to
    /// ask with.
    async fn next(&self, shown: Shown) -> Result<Next, Error> {
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

    /// Exchanges a token that was not spent, and gives the successor of one that was.
    async fn give(&self, shown: Shown, checked: Option<Checked>) -> Result<Next, Error> {
        if shown.used_at.is_none() {
            return self.rotate(shown, checked).await;
        }
        self.again(shown, checked).await
    }

    /// Gives the successor of a token that was spent before.
    async fn again(&self, shown: Shown, checked: Option<Checked>) -> Result<Next, Error> {
        // The provider may have exchanged its own token: that is kept, whatever becomes of ours.
        if let Some(checked) = checked {
            let grant = &shown.of.grant;
            self.auth.0.store.put_checked(&grant.id, &checked).await?;
            if checked.roles != grant.roles {
                self.auth.forget_checks();
            }
        }
        let successor = self.successor(&shown).await?;
        Ok((successor, shown.of))
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

    /// Spends the token and keeps what replaces it, with what the provider said.
    async fn rotate(&self, shown: Shown, checked: Option<Checked>) -> Result<Next, Error> {
        let store = &self.auth.0.store;
        let now = self.auth.now();
        let grace = self.auth.0.config.authorization.refresh_grace.as_millis();
        let grace = Ms::try_from(grace).unwrap_or(Ms::MAX);
        let successor = random::secret()?;
        let plain = successor.expose().as_bytes();
        let has_new_roles = checked
            .as_ref()
            .is_some_and(|checked| checked.roles != shown.of.grant.roles);
        let rotation = Rotation {
            token: shown.token.token,
            successor: RefreshToken {
                token: Hash::of(successor.expose()),
                grant_id: shown.token.grant_id.clone(),
                expires: shown.of.grant.expires,
            },
            successor_box: seal::seal_under(self.token, SUCCESSOR, plain)?,
            grace_until: now.saturating_add(grace),
            checked,
        };
        if store.rotate(&rotation, now).await? {
            if has_new_roles {
                self.auth.forget_checks();
            }
            tracing::debug!(
                grant = shown.token.grant_id,
                "a refresh token was exchanged"
            );
            return Ok((successor, shown.of));
        }
        // Another server was first, or the grant ended meanwhile.
        let (shown, _) = self.shown().await?;
        if shown.used_at.is_none() {
            return Err(refuse(GrantFault::Ended));
        }
        self.again(shown, rotation.checked).await
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
