//! Persons.

use sqlx::Executor;
use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{changed, get};
use crate::store::{Ms, Result, StoreError, User};

/// From the columns `user_id`, `issuer`, `subject`, `user_name` and `disabled_at`.
pub(super) fn read(row: &SqliteRow) -> Result<User> {
    Ok(User {
        id: get(row, "user_id")?,
        issuer: get(row, "issuer")?,
        subject: get(row, "subject")?,
        name: get(row, "user_name")?,
        disabled_at: get(row, "disabled_at")?,
    })
}

pub(super) async fn upsert(db: &Sqlite, user: &User) -> Result<User> {
    let upsert = sqlx::query(
        "INSERT INTO user_account (id, issuer, subject, name, disabled_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name
         RETURNING id AS user_id, issuer, subject, name AS user_name, disabled_at",
    );
    let upsert = upsert
        .bind(&user.id)
        .bind(&user.issuer)
        .bind(&user.subject)
        .bind(&user.name)
        .bind(user.disabled_at);
    let row = changed(&db.write, upsert).await?;
    read(&row.ok_or(StoreError::Corrupt { what: "user" })?)
}

pub(super) async fn find<'c>(
    on: impl Executor<'c, Database = sqlx::Sqlite>,
    id: &str,
) -> Result<Option<User>> {
    let find = sqlx::query(
        "SELECT id AS user_id, issuer, subject, name AS user_name, disabled_at
         FROM user_account WHERE id = ?1",
    );
    let row = find.bind(id).fetch_optional(on).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn disable(db: &Sqlite, id: &str, at: Option<Ms>) -> Result<bool> {
    let done = sqlx::query("UPDATE user_account SET disabled_at = ?2 WHERE id = ?1")
        .bind(id)
        .bind(at)
        .execute(&db.write)
        .await?;
    Ok(done.rows_affected() > 0)
}
