//! The credential of a tool call, and whether it may still be used.

use std::sync::Arc;

use super::Vault;
use super::cache::{Found, Opened};
use super::credential_error::CredentialError;
use crate::config::http::Administrator;
use crate::kestra::{Held, Kind, Unvouched};
use crate::principal::Person;
use crate::store::{self, Ms};

/// Milliseconds after which to ask Kestra again when it did not answer.
const AGAIN: Ms = 30_000;

fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> CredentialError {
    CredentialError::Unreadable(Box::new(cause))
}

impl Vault {
    /// The credential of `person`, ready to send; none if none is stored, or Kestra refused it.
    ///
    /// A row counts for two seconds, so what another server removed is gone here too by then; what
    /// this server removes is gone at once.
    pub(crate) async fn credential(
        &self,
        person: &Person,
    ) -> Result<Option<Arc<Held>>, CredentialError> {
        let fresh = self.opened.fresh(&person.user, self.now());
        let found = match fresh {
            Some(known) => Some(known),
            None => self.read(person).await?,
        };
        let Some(found) = found else {
            return Ok(None);
        };
        match (found.administrator, self.settings.administrator) {
            (Some(true), Administrator::Refuse) => Err(CredentialError::Administrator),
            (None, Administrator::Refuse) => Err(CredentialError::Unsaid),
            // It may belong to an administrator by now.
            (Some(false), Administrator::Refuse) if found.is_overdue => {
                let held = Held::clone(&found.held).overdue();
                Ok(Some(Arc::new(held)))
            }
            (Some(false), Administrator::Refuse) | (_, Administrator::Warn) => Ok(Some(found.held)),
        }
    }

    /// The credential of `person`, from the database.
    async fn read(&self, person: &Person) -> Result<Option<Found>, CredentialError> {
        let epoch = self.opened.epoch();
        let now = self.now();
        let row = self.row(&person.user).await.map_err(unreadable)?;
        let Some(row) = row.filter(|row| row.checked_at > 0) else {
            self.opened.drop_row(&person.user);
            return Ok(None);
        };
        let known = self.opened.get(&person.user, &row.secret);
        let is_new = known.is_none();
        let opened = known.map_or_else(|| self.open(person.into(), &row), Ok);
        let mut opened = opened.map_err(unreadable)?;
        opened.read_at = now;
        if is_new {
            self.reseal(&row).await;
        }
        if opened.held.kind() == Kind::Token
            && now >= opened.ask_at
            && !self.recheck(&row, &mut opened, now).await?
        {
            return Ok(None);
        }
        if opened
            .used_at
            .is_none_or(|used| now.saturating_sub(used) > store::USED)
        {
            opened.used_at = Some(now);
            let touched = self.store.touch_credential(&row.id, None, Some(now)).await;
            touched.map_err(unreadable)?;
        }
        let found = opened.found();
        self.opened.put(&person.user, opened, epoch);
        Ok(Some(found))
    }

    /// Asks Kestra again whose a token is; false if Kestra no longer accepts it.
    async fn recheck(
        &self,
        row: &store::Credential,
        opened: &mut Opened,
        now: Ms,
    ) -> Result<bool, CredentialError> {
        match self.kestra.me(&opened.held).await {
            Ok(me) => {
                opened.ask_at = now.saturating_add(self.recheck_interval());
                opened.is_overdue = false;
                opened.administrator = me.administrator;
                if opened.administrator == Some(false) {
                    let touched = self.store.touch_credential(&row.id, Some(now), None).await;
                    touched.map_err(unreadable)?;
                }
                Ok(true)
            }
            // Reads go on. They fail by themselves if Kestra still does not answer.
            Err(Unvouched::Silent) => {
                opened.ask_at = now.saturating_add(AGAIN);
                opened.is_overdue = true;
                tracing::warn!(
                    credential = row.id,
                    "Kestra does not say whose a credential is now: until it does, the credential \
                     changes nothing"
                );
                Ok(true)
            }
            Err(Unvouched::Refused) => {
                self.mark_refused(row).await;
                Ok(false)
            }
        }
    }

    /// Kestra answered 401 to `held`, which [`Vault::credential`] returned: later calls must not
    /// use it.
    pub(crate) async fn credential_refused(&self, person: &Person, held: &Held) {
        let row = match self.row(&person.user).await {
            Ok(row) => row.filter(|row| row.checked_at > 0),
            Err(error) => {
                tracing::error!(%error, "a credential could not be marked as refused");
                return;
            }
        };
        // What was saved meanwhile is another credential.
        let is_held = |row: &store::Credential| {
            let known = self.opened.get(&person.user, &row.secret);
            let opened = known.map_or_else(|| self.open(person.into(), row), Ok);
            opened.is_ok_and(|opened| opened.held.is(held))
        };
        if let Some(row) = row.filter(is_held) {
            self.mark_refused(&row).await;
        }
    }

    async fn mark_refused(&self, row: &store::Credential) {
        tracing::info!(credential = row.id, "Kestra no longer accepts a credential");
        if let Err(error) = self.store.refuse_credential(&row.id).await {
            tracing::error!(%error, "a credential could not be marked as refused");
        }
        // Only now, so that a reader of the old row does not cache it.
        self.opened.forget(&row.user_id);
    }
}
