//! Sign-ins on our own pages.

use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{changed, document, get, hash, json};
use super::user;
use crate::store::{Hash, IDLE, Ms, Result, User, WebLogin};

fn read(row: &SqliteRow) -> Result<WebLogin> {
    Ok(WebLogin {
        id: hash(row, "id")?,
        user_id: get(row, "user_id")?,
        provider: get(row, "provider")?,
        roles: document(row, "roles")?,
        auth_time: get(row, "auth_time")?,
        last_seen: get(row, "last_seen")?,
        expires: get(row, "expires")?,
    })
}

pub(super) async fn put(db: &Sqlite, login: &WebLogin) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO web_login (id, user_id, provider, roles, auth_time, last_seen, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    );
    put.bind(&login.id.0[..])
        .bind(&login.user_id)
        .bind(&login.provider)
        .bind(json(&login.roles, "roles")?)
        .bind(login.auth_time)
        .bind(login.last_seen)
        .bind(login.expires)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn see(db: &Sqlite, id: Hash, now: Ms) -> Result<Option<(WebLogin, User)>> {
    let mut transaction = db.begin().await?;
    let see = sqlx::query(
        "UPDATE web_login SET last_seen = max(last_seen, ?2)
         WHERE id = ?1 AND expires > ?2 AND last_seen > ?2 - ?3 RETURNING *",
    );
    let seen = changed(&mut *transaction, see.bind(&id.0[..]).bind(now).bind(IDLE));
    let Some(login) = seen.await?.as_ref().map(read).transpose()? else {
        transaction.rollback().await?;
        return Ok(None);
    };
    let person = user::find(&mut *transaction, &login.user_id).await?;
    transaction.commit().await?;
    Ok(person.map(|person| (login, person)))
}

pub(super) async fn end(db: &Sqlite, id: Hash) -> Result<()> {
    sqlx::query("DELETE FROM web_login WHERE id = ?1")
        .bind(&id.0[..])
        .execute(&db.write)
        .await?;
    Ok(())
}
