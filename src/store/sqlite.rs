//! The store in a SQLite file: one server, its local disk.
//!
//! One connection writes, with a queue in front of it; others read at the same time. What
//! changes more than one row begins with `BEGIN IMMEDIATE`, because a transaction that becomes a
//! writer later does not wait for its turn.

mod access;
mod client;
mod code;
mod credential;
mod database;
mod file;
mod form;
mod grant;
mod login;
mod refresh;
mod row;
mod sealed;
mod signing_key;
mod sweep;
mod ticket;
mod transaction;
mod upstream;
mod user;

use std::path::Path;
use std::sync::PoisonError;

use async_trait::async_trait;

use super::{
    Checked, Client, Code, CodeClaim, Credential, FormToken, Grant, GrantOf, Hash, Ms, Reason,
    Redeemed, RefreshToken, Result, Rotation, Sealed, Shown, SigningKey, Store, Ticket,
    UpstreamState, User, WebLogin,
};

pub use database::Sqlite;

/// Opens the file for a server, and makes it and its folder when they are missing. A second server
/// is refused ([`StoreError::Taken`](super::StoreError::Taken)).
pub async fn open(path: &Path) -> Result<Sqlite> {
    let path = file::make(path)?;
    let lock = file::hold(&path)?;
    let write = file::writer(&path).await?;
    file::migrate(&write).await?;
    Ok(Sqlite::new(path, write, Some(lock)))
}

/// Opens a file that is there ([`StoreError::Absent`](super::StoreError::Absent)) for a command,
/// which may run beside the server. Its tables must be those of this version ([`StoreError::Version`](super::StoreError::Version)).
pub async fn beside(path: &Path) -> Result<Sqlite> {
    let path = file::known(path)?;
    // A connection that may write would convert a foreign file to our journal mode.
    let reader = file::readers(&path);
    file::check(&reader).await?;
    reader.close().await;
    let write = file::writer(&path).await?;
    Ok(Sqlite::new(path, write, None))
}

/// Whether a server works on the file at this moment. Makes nothing.
pub fn is_served(path: &Path) -> bool {
    file::known(path).is_ok_and(|path| file::is_held(&path))
}

#[async_trait]
impl Store for Sqlite {
    async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1 FROM user_account LIMIT 1")
            .fetch_optional(&self.read)
            .await?;
        Ok(())
    }

    async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        *lock = None;
    }

    async fn sweep(&self, now: Ms) -> Result<u64> {
        sweep::sweep(self, now).await
    }

    async fn put_client(&self, client: &Client) -> Result<()> {
        client::put(self, client).await
    }

    async fn client(&self, id: &str) -> Result<Option<Client>> {
        client::find(self, id).await
    }

    async fn registered_clients(&self) -> Result<u64> {
        client::registered(self).await
    }

    async fn forget_unused_clients(&self, until: Ms, now: Ms) -> Result<u64> {
        client::sweep(self, (until, Ms::MIN), now, sweep::BATCH).await
    }

    async fn delete_client(&self, id: &str, now: Ms) -> Result<bool> {
        client::delete(self, id, now).await
    }

    async fn upsert_user(&self, user: &User) -> Result<User> {
        user::upsert(self, user).await
    }

    async fn user(&self, id: &str) -> Result<Option<User>> {
        user::find(&self.read, id).await
    }

    async fn disable_user(&self, id: &str, at: Option<Ms>) -> Result<bool> {
        user::disable(self, id, at).await
    }

    async fn spend_transaction(&self, id: Hash, expires: Ms) -> Result<bool> {
        transaction::spend(self, id, expires).await
    }

    async fn is_spent(&self, id: Hash) -> Result<bool> {
        transaction::is_spent(self, id).await
    }

    async fn put_form(&self, form: &FormToken) -> Result<()> {
        form::put(self, form).await
    }

    async fn spend_form(&self, form: &FormToken, now: Ms) -> Result<bool> {
        form::spend(self, form, now).await
    }

    async fn put_upstream(&self, state: &UpstreamState) -> Result<()> {
        upstream::put(self, state).await
    }

    async fn spend_upstream(
        &self,
        state: Hash,
        browser: Hash,
        provider: &str,
        now: Ms,
    ) -> Result<Option<UpstreamState>> {
        upstream::spend(self, state, browser, provider, now).await
    }

    async fn provider_of_upstream(
        &self,
        state: Hash,
        browser: Hash,
        now: Ms,
    ) -> Result<Option<String>> {
        upstream::provider(self, state, browser, now).await
    }

    async fn put_grant(&self, grant: &Grant, code: &Code) -> Result<()> {
        grant::put(self, grant, code).await
    }

    async fn grant(&self, id: &str) -> Result<Option<GrantOf>> {
        grant::find(self, id).await
    }

    async fn grants_of(&self, user_id: &str, now: Ms) -> Result<Vec<Grant>> {
        grant::of_user(self, user_id, now).await
    }

    async fn touch_grant(&self, id: &str, now: Ms) -> Result<()> {
        grant::touch(self, id, now).await
    }

    async fn revoke_grant(&self, id: &str, reason: Reason, now: Ms) -> Result<bool> {
        grant::revoke(self, id, reason, now).await
    }

    async fn revoke_user(&self, user_id: &str, reason: Reason, now: Ms) -> Result<u64> {
        grant::revoke_user(self, user_id, reason, now).await
    }

    async fn redeem_code(&self, claim: &CodeClaim<'_>, now: Ms) -> Result<Redeemed> {
        code::redeem(self, claim, now).await
    }

    async fn put_refresh(&self, token: &RefreshToken) -> Result<()> {
        let mut transaction = self.begin().await?;
        refresh::put(&mut transaction, token).await?;
        Ok(transaction.commit().await?)
    }

    async fn refresh(&self, token: Hash) -> Result<Option<Shown>> {
        refresh::find(self, token).await
    }

    async fn rotate(&self, rotation: &Rotation, now: Ms) -> Result<bool> {
        refresh::rotate(self, rotation, now).await
    }

    async fn put_checked(&self, grant_id: &str, checked: &Checked) -> Result<()> {
        let mut transaction = self.begin().await?;
        grant::checked(&mut transaction, grant_id, checked).await?;
        Ok(transaction.commit().await?)
    }

    async fn lease(&self, grant_id: &str, by: &str, now: Ms, until: Ms) -> Result<bool> {
        grant::lease(self, grant_id, by, now, until).await
    }

    async fn release(&self, grant_id: &str, by: &str) -> Result<()> {
        grant::release(self, grant_id, by).await
    }

    async fn revoke_access(&self, jti: &str, expires: Ms) -> Result<()> {
        access::revoke(self, jti, expires).await
    }

    async fn is_revoked(&self, jti: &str) -> Result<bool> {
        access::is_revoked(self, jti).await
    }

    async fn put_login(&self, login: &WebLogin) -> Result<()> {
        login::put(self, login).await
    }

    async fn login(&self, id: Hash, now: Ms) -> Result<Option<(WebLogin, User)>> {
        login::see(self, id, now).await
    }

    async fn end_login(&self, id: Hash) -> Result<()> {
        login::end(self, id).await
    }

    async fn put_ticket(&self, ticket: &Ticket) -> Result<()> {
        ticket::put(self, ticket).await
    }

    async fn ticket(&self, id: Hash, now: Ms) -> Result<Option<Ticket>> {
        ticket::find(self, id, now).await
    }

    async fn spend_ticket(&self, id: Hash, now: Ms) -> Result<bool> {
        ticket::spend(self, id, now).await
    }

    async fn put_credential(&self, credential: &Credential) -> Result<()> {
        credential::put(self, credential).await
    }

    async fn credential(
        &self,
        user_id: &str,
        kestra_url: &str,
        tenant: &str,
    ) -> Result<Option<Credential>> {
        credential::find(self, user_id, kestra_url, tenant).await
    }

    async fn touch_credential(
        &self,
        id: &str,
        checked: Option<Ms>,
        used: Option<Ms>,
    ) -> Result<()> {
        credential::touch(self, id, checked, used).await
    }

    async fn refuse_credential(&self, id: &str) -> Result<()> {
        credential::refuse(self, id).await
    }

    async fn delete_credential(
        &self,
        user_id: &str,
        kestra_url: &str,
        tenant: &str,
    ) -> Result<bool> {
        credential::delete(self, user_id, kestra_url, tenant).await
    }

    async fn put_signing_key(&self, key: &SigningKey) -> Result<()> {
        signing_key::put(self, key).await
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKey>> {
        signing_key::all(self).await
    }

    async fn retire_signing_keys(&self, kid: &str, drop_at: Ms) -> Result<()> {
        signing_key::retire(self, kid, drop_at).await
    }

    async fn key_checks(&self) -> Result<Vec<(String, Vec<u8>)>> {
        sealed::checks(self).await
    }

    async fn put_key_check(&self, kid: &str, sealed: &[u8]) -> Result<()> {
        sealed::put_check(self, kid, sealed).await
    }

    async fn delete_key_check(&self, kid: &str) -> Result<()> {
        sealed::delete_check(self, kid).await
    }

    async fn sealed(&self, after: Option<&Sealed>, limit: u32) -> Result<Vec<Sealed>> {
        sealed::page(self, after, limit).await
    }

    async fn reseal(&self, old: &Sealed, new: &[u8]) -> Result<bool> {
        sealed::swap(self, old, new).await
    }
}
