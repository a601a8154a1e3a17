//! Renderings of forms.

use super::database::Sqlite;
use super::row::changed;
use crate::store::{FormToken, Ms, Result};

pub(super) async fn put(db: &Sqlite, form: &FormToken) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO form_token (value, purpose, owner, cookie, expires)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    );
    put.bind(&form.value.0[..])
        .bind(form.purpose.as_str())
        .bind(&form.owner.0[..])
        .bind(&form.cookie.0[..])
        .bind(form.expires)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn spend(db: &Sqlite, form: &FormToken, now: Ms) -> Result<bool> {
    let spend = sqlx::query(
        "UPDATE form_token SET used_at = ?5 WHERE value = ?1 AND purpose = ?2 AND owner = ?3
         AND cookie = ?4 AND used_at IS NULL AND expires > ?5 RETURNING value",
    );
    let spend = spend
        .bind(&form.value.0[..])
        .bind(form.purpose.as_str())
        .bind(&form.owner.0[..])
        .bind(&form.cookie.0[..])
        .bind(now);
    Ok(changed(&db.write, spend).await?.is_some())
}
