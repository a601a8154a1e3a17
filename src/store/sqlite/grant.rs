//! What persons allowed clients.

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{changed, document, get, json};
use super::{client, code, user};
use crate::store::{Checked, Code, Grant, GrantOf, Ms, Reason, Result};

/// From the columns of the table, with `id` under the name `grant_id`.
fn read(row: &SqliteRow) -> Result<Grant> {
    Ok(Grant {
        id: get(row, "grant_id")?,
        user_id: get(row, "user_id")?,
        client_id: get(row, "client_id")?,
        client_name: get(row, "client_name")?,
        provider: get(row, "provider")?,
        scopes: get(row, "scopes")?,
        resource: get(row, "resource")?,
        roles: document(row, "roles")?,
        checked_at: get(row, "checked_at")?,
        idp_refresh: get(row, "idp_refresh")?,
        created: get(row, "created")?,
        expires: get(row, "grant_expires")?,
        revoked_at: get(row, "revoked_at")?,
        last_used: get(row, "last_used")?,
    })
}

/// From the columns of [`read`] and those of a person.
pub(super) fn read_of(row: &SqliteRow) -> Result<GrantOf> {
    Ok(GrantOf {
        grant: read(row)?,
        user: user::read(row)?,
    })
}

pub(super) async fn put(db: &Sqlite, grant: &Grant, first: &Code) -> Result<()> {
    let mut transaction = db.begin().await?;
    let put = sqlx::query(
        "INSERT INTO oauth_grant (id, user_id, client_id, client_name, provider, scopes, resource,
         roles, checked_at, idp_refresh, created, expires, revoked_at, last_used)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    );
    put.bind(&grant.id)
        .bind(&grant.user_id)
        .bind(&grant.client_id)
        .bind(&grant.client_name)
        .bind(&grant.provider)
        .bind(&grant.scopes)
        .bind(&grant.resource)
        .bind(json(&grant.roles, "roles")?)
        .bind(grant.checked_at)
        .bind(&grant.idp_refresh)
        .bind(grant.created)
        .bind(grant.expires)
        .bind(grant.revoked_at)
        .bind(grant.last_used)
        .execute(&mut *transaction)
        .await?;
    code::put(&mut transaction, first).await?;
    client::used(&mut transaction, &grant.id, grant.created).await?;
    transaction.commit().await?;
    Ok(())
}

pub(super) async fn find(db: &Sqlite, id: &str) -> Result<Option<GrantOf>> {
    let find = sqlx::query(
        "SELECT g.*, g.id AS grant_id, g.expires AS grant_expires, u.issuer, u.subject,
         u.name AS user_name, u.disabled_at
         FROM oauth_grant g JOIN user_account u ON u.id = g.user_id WHERE g.id = ?1",
    );
    let row = find.bind(id).fetch_optional(&db.read).await?;
    row.as_ref().map(read_of).transpose()
}

pub(super) async fn touch(db: &Sqlite, id: &str, now: Ms) -> Result<()> {
    let touch = sqlx::query(
        "UPDATE oauth_grant SET last_used = max(coalesce(last_used, ?2), ?2) WHERE id = ?1",
    );
    touch.bind(id).bind(now).execute(&db.write).await?;
    Ok(())
}

pub(super) async fn of_user(db: &Sqlite, user_id: &str, now: Ms) -> Result<Vec<Grant>> {
    let find = sqlx::query(
        "SELECT *, id AS grant_id, expires AS grant_expires FROM oauth_grant
         WHERE user_id = ?1 AND revoked_at IS NULL AND expires > ?2 ORDER BY created, id",
    );
    let rows = find.bind(user_id).bind(now).fetch_all(&db.read).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn revoke(db: &Sqlite, id: &str, reason: Reason, now: Ms) -> Result<bool> {
    let revoke = sqlx::query(
        "UPDATE oauth_grant SET revoked_at = ?3, reason = ?2, idp_refresh = NULL
         WHERE id = ?1 AND revoked_at IS NULL RETURNING id",
    );
    let revoke = revoke.bind(id).bind(reason.as_str()).bind(now);
    Ok(changed(&db.write, revoke).await?.is_some())
}

pub(super) async fn revoke_user(
    db: &Sqlite,
    user_id: &str,
    reason: Reason,
    now: Ms,
) -> Result<u64> {
    let mut transaction = db.begin().await?;
    let revoke = sqlx::query(
        "UPDATE oauth_grant SET revoked_at = ?3, reason = ?2, idp_refresh = NULL
         WHERE user_id = ?1 AND revoked_at IS NULL",
    );
    let revoked = revoke
        .bind(user_id)
        .bind(reason.as_str())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM web_login WHERE user_id = ?1")
        .bind(user_id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(revoked.rows_affected())
}

/// Stores the result of a check at the provider.
pub(super) async fn checked(on: &mut SqliteConnection, id: &str, checked: &Checked) -> Result<()> {
    let keep = sqlx::query(
        "UPDATE oauth_grant SET roles = ?2, checked_at = ?3,
         idp_refresh = coalesce(?4, idp_refresh) WHERE id = ?1",
    );
    keep.bind(id)
        .bind(json(&checked.roles, "roles")?)
        .bind(checked.at)
        .bind(&checked.idp_refresh)
        .execute(on)
        .await?;
    Ok(())
}

pub(super) async fn lease(db: &Sqlite, id: &str, by: &str, now: Ms, until: Ms) -> Result<bool> {
    let lease = sqlx::query(
        "UPDATE oauth_grant SET lease_by = ?2, lease_until = ?4
         WHERE id = ?1 AND revoked_at IS NULL AND expires > ?3
         AND (lease_by IS NULL OR lease_by = ?2 OR lease_until <= ?3) RETURNING id",
    );
    let lease = lease.bind(id).bind(by).bind(now).bind(until);
    Ok(changed(&db.write, lease).await?.is_some())
}

pub(super) async fn release(db: &Sqlite, id: &str, by: &str) -> Result<()> {
    let release = sqlx::query(
        "UPDATE oauth_grant SET lease_by = NULL, lease_until = NULL
         WHERE id = ?1 AND lease_by = ?2",
    );
    release.bind(id).bind(by).execute(&db.write).await?;
    Ok(())
}
