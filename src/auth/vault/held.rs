//! The credential of a call, and whether it may still be used.

use std::sync::Arc;

use super::Vault;
use super::cache::{Found, Opened};
use super::held_error::HeldError;
use crate::config::http::Administrator;
use crate::kestra::{Held, Kind, Unvouched};
use crate::principal::Person;
use crate::store::{self, Ms};

/// Milliseconds after which Kestra is asked again when it did not answer.
const AGAIN: Ms = 30_000;

fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> HeldError {
    HeldError::Unreadable(Box::new(cause))
}

impl Vault {
    /// The credential of `person`, to be sent; none if none is kept, or Kestra refused it.
    ///
    /// Its row is believed for two seconds, so that what another server removed is gone here too;
    /// what is removed here is gone at once.
    pub(crate) async fn held(&self, person: &Person) -> Result<Option<Arc<Held>>, HeldError> {
        let fresh = self.opened.fresh(&person.user, self.now());
        let found = match fresh {
            Some(known) => Some(known),
            None => self.look(person).await?,
        };
        let Some(found) = found else {
            return Ok(None);
        };
        match (found.administrator, self.settings.administrator) {
            (Some(true), Administrator::Refuse) => Err(HeldError::Administrator),
            (None, Administrator::Refuse) => Err(HeldError::Unsaid),
            // It may be an administrator's by now.
            (Some(false), Administrator::Refuse) if found.is_overdue => {
                let held = Held::clone(&found.held).overdue();
                Ok(Some(Arc::new(held)))
            }
            (Some(false), Administrator::Refuse) | (_, Administrator::Warn) => Ok(Some(found.held)),
        }
    }

    /// The credential of `person` by the database.
    async fn look(&self, person: &Person) -> Result<Option<Found>, HeldError> {
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
            self.seal_anew(&row).await;
        }
        if opened.held.kind() == Kind::Token
            && now >= opened.ask_at
            && !self.ask_again(&row, &mut opened, now).await?
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

    /// Asks Kestra whose a token is by now; false if Kestra no longer takes it.
    async fn ask_again(
        &self,
        row: &store::Credential,
        opened: &mut Opened,
        now: Ms,
    ) -> Result<bool, HeldError> {
        match self.kestra.me(&opened.held).await {
            Ok(me) => {
                opened.ask_at = now.saturating_add(self.recheck());
                opened.is_overdue = false;
                opened.administrator = me.administrator;
                if opened.administrator == Some(false) {
                    let touched = self.store.touch_credential(&row.id, Some(now), None).await;
                    touched.map_err(unreadable)?;
                }
                Ok(true)
            }
            // Reads go on, and say so themselves if Kestra is still silent then.
            Err(Unvouched::Silent) => {
                opened.ask_at = now.saturating_add(AGAIN);
                opened.is_overdue = true;
                tracing::warn!(
                    credential = row.id,
                    "Kestra does not say whose a credential is by now: until it does, nothing is \
                     changed with it"
                );
                Ok(true)
            }
            Err(Unvouched::Refused) => {
                self.refuse(row).await;
                Ok(false)
            }
        }
    }

    /// Kestra answered 401 to `held`, which [`Vault::held`] gave: from the next call on it is none.
    pub(crate) async fn refused(&self, person: &Person, held: &Held) {
        let row = match self.row(&person.user).await {
            Ok(row) => row.filter(|row| row.checked_at > 0),
            Err(error) => {
                tracing::error!(%error, "a credential could not be marked as refused");
                return;
            }
        };
        // What was saved meanwhile is another one.
        let is_held = |row: &store::Credential| {
            let known = self.opened.get(&person.user, &row.secret);
            let opened = known.map_or_else(|| self.open(person.into(), row), Ok);
            opened.is_ok_and(|opened| opened.held.is(held))
        };
        if let Some(row) = row.filter(is_held) {
            self.refuse(&row).await;
        }
    }

    async fn refuse(&self, row: &store::Credential) {
        tracing::info!(credential = row.id, "Kestra no longer takes a credential");
        if let Err(error) = self.store.refuse_credential(&row.id).await {
            tracing::error!(%error, "a credential could not be marked as refused");
        }
        // After that: whoever read the row before must not remember it.
        self.opened.forget(&row.user_id);
    }
}
