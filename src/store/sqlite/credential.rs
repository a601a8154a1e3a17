//! Kestra credentials of persons.

use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::get;
use crate::store::{Credential, Ms, Result, USED};

fn read(row: &SqliteRow) -> Result<Credential> {
    Ok(Credential {
        id: get(row, "id")?,
        user_id: get(row, "user_id")?,
        kestra_url: get(row, "kestra_url")?,
        tenant: get(row, "tenant")?,
        kind: get(row, "kind")?,
        secret: get(row, "secret")?,
        kestra_user: get(row, "kestra_user")?,
        checked_at: get(row, "checked_at")?,
        last_used: get(row, "last_used")?,
    })
}

pub(super) async fn put(db: &Sqlite, credential: &Credential) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO kestra_credential (id, user_id, kestra_url, tenant, kind, secret, kestra_user,
         checked_at, last_used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (user_id, kestra_url, tenant) DO UPDATE SET id = excluded.id,
         kind = excluded.kind, secret = excluded.secret, kestra_user = excluded.kestra_user,
         checked_at = excluded.checked_at, last_used = excluded.last_used",
    );
    put.bind(&credential.id)
        .bind(&credential.user_id)
        .bind(&credential.kestra_url)
        .bind(&credential.tenant)
        .bind(&credential.kind)
        .bind(&credential.secret)
        .bind(&credential.kestra_user)
        .bind(credential.checked_at)
        .bind(credential.last_used)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn find(
    db: &Sqlite,
    user_id: &str,
    kestra_url: &str,
    tenant: &str,
) -> Result<Option<Credential>> {
    let find = sqlx::query(
        "SELECT * FROM kestra_credential WHERE user_id = ?1 AND kestra_url = ?2 AND tenant = ?3",
    );
    let row = find
        .bind(user_id)
        .bind(kestra_url)
        .bind(tenant)
        .fetch_optional(&db.read)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn touch(
    db: &Sqlite,
    id: &str,
    checked: Option<Ms>,
    used: Option<Ms>,
) -> Result<()> {
    let touch = sqlx::query(
        "UPDATE kestra_credential
         SET checked_at = iif(checked_at = 0, 0, max(checked_at, coalesce(?2, checked_at))),
         last_used = coalesce(max(last_used, ?3), ?3, last_used)
         WHERE id = ?1 AND (?2 IS NOT NULL OR last_used IS NULL OR last_used <= ?3 - ?4)",
    );
    touch
        .bind(id)
        .bind(checked)
        .bind(used)
        .bind(USED)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn refuse(db: &Sqlite, id: &str) -> Result<()> {
    sqlx::query("UPDATE kestra_credential SET checked_at = 0 WHERE id = ?1")
        .bind(id)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn delete(
    db: &Sqlite,
    user_id: &str,
    kestra_url: &str,
    tenant: &str,
) -> Result<bool> {
    let delete = sqlx::query(
        "DELETE FROM kestra_credential WHERE user_id = ?1 AND kestra_url = ?2 AND tenant = ?3",
    );
    let gone = delete
        .bind(user_id)
        .bind(kestra_url)
        .bind(tenant)
        .execute(&db.write)
        .await?;
    Ok(gone.rows_affected() > 0)
}
