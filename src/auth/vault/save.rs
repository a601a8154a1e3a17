//! Storing and removing a credential.

use super::Vault;
use super::not_stored::NotStored;
use super::owner::Owner;
use super::seal::text_to_seal;
use crate::auth::random;
use crate::config::Credential;
use crate::kestra::Held;
use crate::store::{self, Column, StoreError, User};

impl Vault {
    /// The stored row of `user`.
    pub(in crate::auth) async fn stored(
        &self,
        user: &User,
    ) -> Result<Option<store::Credential>, StoreError> {
        self.row(&user.id).await
    }

    /// Stores `credential` for its owner, replacing any other, once Kestra has accepted it.
    pub(in crate::auth) async fn save(
        &self,
        owner: impl Into<Owner<'_>>,
        credential: &Credential,
    ) -> Result<(), NotStored> {
        let owner = owner.into();
        let base = self.kestra.base().ok_or(NotStored::NoKestra)?;
        if !self.tries.take(owner.user.to_owned(), &self.clock) {
            return Err(NotStored::TooOften);
        }
        let held = Held::new(credential);
        let me = self.vouched(&held).await?;
        let (id, tenant) = (random::id()?, self.kestra.tenant());
        let bound = [owner.issuer, owner.subject, base, tenant];
        let place = Column::CREDENTIAL.of(&id, &bound);
        let row = store::Credential {
            secret: self
                .ring
                .seal(&place, text_to_seal(credential).as_bytes())?,
            user_id: owner.user.to_owned(),
            kestra_url: base.to_owned(),
            tenant: tenant.to_owned(),
            kind: held.kind().as_str().to_owned(),
            kestra_user: me.name,
            checked_at: self.now(),
            last_used: None,
            id,
        };
        self.store.put_credential(&row).await?;
        self.opened.forget(owner.user);
        tracing::info!(
            user = owner.user,
            kind = row.kind,
            "a person saved a credential"
        );
        Ok(())
    }

    /// Removes the credential of `user`; whether there was one.
    pub(in crate::auth) async fn remove(&self, user: &User) -> Result<bool, StoreError> {
        let Some(base) = self.kestra.base() else {
            return Ok(false);
        };
        let tenant = self.kestra.tenant();
        let gone = self.store.delete_credential(&user.id, base, tenant).await?;
        self.opened.forget(&user.id);
        tracing::info!(user = user.id, gone, "a person removed a credential");
        Ok(gone)
    }
}
