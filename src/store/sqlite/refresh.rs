//! Refresh tokens.

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{changed, get, hash, maybe_hash};
use super::{client, grant};
use crate::store::{Hash, Ms, RefreshToken, Result, Rotation, Shown};

fn read(row: &SqliteRow) -> Result<Shown> {
    let successor = maybe_hash(row, "successor")?;
    let sealed: Option<Vec<u8>> = get(row, "successor_box")?;
    Ok(Shown {
        token: RefreshToken {
            token: hash(row, "token")?,
            grant_id: get(row, "grant_id")?,
            expires: get(row, "token_expires")?,
        },
        of: grant::read_of(row)?,
        used_at: get(row, "used_at")?,
        successor: successor.zip(sealed),
        grace_until: get(row, "grace_until")?,
        successor_used: get(row, "successor_used")?,
    })
}

pub(super) async fn put(on: &mut SqliteConnection, token: &RefreshToken) -> Result<()> {
    sqlx::query("INSERT INTO refresh_token (token, grant_id, expires) VALUES (?1, ?2, ?3)")
        .bind(&token.token.0[..])
        .bind(&token.grant_id)
        .bind(token.expires)
        .execute(on)
        .await?;
    Ok(())
}

pub(super) async fn find(db: &Sqlite, token: Hash) -> Result<Option<Shown>> {
    let find = sqlx::query(
        "SELECT t.token, t.grant_id, t.expires AS token_expires, t.used_at, t.successor,
         t.successor_box, t.grace_until, s.used_at IS NOT NULL AS successor_used,
         g.user_id, g.client_id, g.client_name, g.provider, g.scopes, g.resource, g.roles,
         g.checked_at, g.idp_refresh, g.created, g.expires AS grant_expires, g.revoked_at,
         g.last_used, u.issuer, u.subject, u.name AS user_name, u.disabled_at
         FROM refresh_token t JOIN oauth_grant g ON g.id = t.grant_id
         JOIN user_account u ON u.id = g.user_id
         LEFT JOIN refresh_token s ON s.token = t.successor WHERE t.token = ?1",
    );
    let row = find.bind(&token.0[..]).fetch_optional(&db.read).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn rotate(db: &Sqlite, rotation: &Rotation, now: Ms) -> Result<bool> {
    let mut transaction = db.begin().await?;
    let successor = &rotation.successor;
    let spend = sqlx::query(
        "UPDATE refresh_token SET used_at = ?3, successor = ?4, successor_box = ?5,
         grace_until = ?6 WHERE token = ?1 AND grant_id = ?2 AND used_at IS NULL AND expires > ?3
         AND EXISTS (SELECT 1 FROM oauth_grant g JOIN user_account u ON u.id = g.user_id
         WHERE g.id = ?2 AND g.revoked_at IS NULL AND g.expires > ?3 AND u.disabled_at IS NULL)
         RETURNING grant_id",
    );
    let spend = spend
        .bind(&rotation.token.0[..])
        .bind(&successor.grant_id)
        .bind(now)
        .bind(&successor.token.0[..])
        .bind(&rotation.successor_box)
        .bind(rotation.grace_until);
    if changed(&mut *transaction, spend).await?.is_none() {
        transaction.rollback().await?;
        return Ok(false);
    }
    put(&mut transaction, successor).await?;
    if let Some(checked) = &rotation.checked {
        grant::checked(&mut transaction, &successor.grant_id, checked).await?;
    }
    client::used(&mut transaction, &successor.grant_id, now).await?;
    transaction.commit().await?;
    Ok(true)
}
