//! Rotation: a refresh token is exchanged for its successor (RFC 9700 section 4.14.2). Also what
//! happens when it is used again.

use super::super::refuse;
use super::request::{Next, Request};
use crate::auth::random;
use crate::auth::server::error::{Error, GrantError};
use crate::config::http::RefreshReuse;
use crate::secret::Secret;
use crate::store::{Checked, GrantOf, Hash, Ms, Reason, RefreshToken, Rotation, Shown, seal};

/// The purpose that a successor is sealed for.
const SUCCESSOR: &str = "refresh-successor";

impl Request<'_> {
    /// Rotates a token that was not spent; returns the successor of one that was.
    pub(super) async fn exchange(
        &self,
        shown: Shown,
        checked: Option<Checked>,
    ) -> Result<Next, Error> {
        if shown.used_at.is_none() {
            return self.rotate(shown, checked).await;
        }
        self.repeat(shown, checked).await
    }

    /// The successor of a spent token, as long as the successor itself is unused: several programs
    /// of one person may share a file of tokens, and one of them may have slept. After that, within
    /// the grace period, this is a concurrent request; later, it is a thief or their victim.
    pub(super) async fn successor(&self, shown: &Shown) -> Result<Secret, Error> {
        let grace = self.auth.0.config.authorization.refresh_grace;
        if let (false, false, Some((_, sealed))) =
            (grace.is_zero(), shown.successor_used, &shown.successor)
        {
            let successor = seal::open_under(self.token, SUCCESSOR, sealed)?;
            let successor = std::str::from_utf8(&successor).map_err(|_| Error::Internal {
                what: "opening a sealed token",
            })?;
            return Ok(Secret::new(successor));
        }
        let now = self.auth.now();
        if shown.grace_until.is_some_and(|until| now < until) {
            return Err(refuse(GrantError::Spent));
        }
        let GrantOf { grant, user } = &shown.of;
        match self.auth.0.config.authorization.refresh_reuse {
            RefreshReuse::End => {
                self.auth.end_grant(&grant.id, Reason::Reuse).await?;
                Err(refuse(GrantError::Reused))
            }
            RefreshReuse::Refuse => {
                tracing::warn!(
                    grant = grant.id,
                    client = grant.client_id,
                    user = user.id,
                    "a refresh token was used again long after it was exchanged, so two programs \
                     have it: it is refused, and its grant goes on because of \
                     oauth.refresh_reuse"
                );
                Err(refuse(GrantError::Spent))
            }
        }
    }

    /// Returns the successor of a token that was already spent.
    async fn repeat(&self, shown: Shown, checked: Option<Checked>) -> Result<Next, Error> {
        // The provider may have rotated its own token: that is stored, whatever becomes of ours.
        if let Some(checked) = checked {
            let grant = &shown.of.grant;
            self.auth.0.store.put_checked(&grant.id, &checked).await?;
            if checked.roles != grant.roles {
                self.auth.forget_cached_tokens();
            }
        }
        let successor = self.successor(&shown).await?;
        Ok((successor, shown.of))
    }

    /// Spends the token, and stores its successor and what the provider said.
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
                self.auth.forget_cached_tokens();
            }
            tracing::debug!(
                grant = shown.token.grant_id,
                "a refresh token was exchanged"
            );
            return Ok((successor, shown.of));
        }
        // Another server was first, or the grant has ended.
        let (shown, _) = self.look_up().await?;
        if shown.used_at.is_none() {
            return Err(refuse(GrantError::Ended));
        }
        self.repeat(shown, rotation.checked).await
    }
}
