//! Authorization codes.

use sqlx::SqliteConnection;

use super::client;
use super::database::Sqlite;
use super::row::{changed, get};
use crate::store::{Code, CodeClaim, Ms, Redeemed, Result};

pub(super) async fn put(on: &mut SqliteConnection, code: &Code) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO auth_code (code, grant_id, client_id, redirect_uri, challenge, resource, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    );
    put.bind(&code.code.0[..])
        .bind(&code.grant_id)
        .bind(&code.client_id)
        .bind(&code.redirect_uri)
        .bind(&code.challenge)
        .bind(&code.resource)
        .bind(code.expires)
        .execute(on)
        .await?;
    Ok(())
}

pub(super) async fn redeem(db: &Sqlite, claim: &CodeClaim<'_>, now: Ms) -> Result<Redeemed> {
    let mut transaction = db.begin().await?;
    let spend = sqlx::query(
        "UPDATE auth_code SET used_at = ?6 WHERE code = ?1 AND client_id = ?2
         AND (?3 IS NULL OR redirect_uri = ?3) AND challenge = ?4 AND resource = ?5 AND used_at IS NULL
         AND expires > ?6 AND EXISTS (SELECT 1 FROM oauth_grant g
         JOIN user_account u ON u.id = g.user_id WHERE g.id = grant_id AND g.revoked_at IS NULL
         AND g.expires > ?6 AND u.disabled_at IS NULL) RETURNING grant_id",
    );
    let spend = spend
        .bind(&claim.code.0[..])
        .bind(claim.client_id)
        .bind(claim.redirect_uri)
        .bind(claim.challenge)
        .bind(claim.resource)
        .bind(now);
    if let Some(row) = changed(&mut *transaction, spend).await? {
        let grant_id: String = get(&row, "grant_id")?;
        client::used(&mut transaction, &grant_id, now).await?;
        transaction.commit().await?;
        return Ok(Redeemed::Spent(grant_id));
    }
    let find = sqlx::query(
        "SELECT grant_id, used_at, client_id = ?2 AND (?3 IS NULL OR redirect_uri = ?3) AND challenge = ?4
         AND resource = ?5 AS fits FROM auth_code WHERE code = ?1 AND used_at IS NOT NULL",
    );
    let known = find
        .bind(&claim.code.0[..])
        .bind(claim.client_id)
        .bind(claim.redirect_uri)
        .bind(claim.challenge)
        .bind(claim.resource)
        .fetch_optional(&mut *transaction)
        .await?;
    transaction.rollback().await?;
    let Some(row) = known else {
        return Ok(Redeemed::Refused);
    };
    Ok(Redeemed::Again {
        grant_id: get(&row, "grant_id")?,
        used_at: get(&row, "used_at")?,
        fits: get(&row, "fits")?,
    })
}
