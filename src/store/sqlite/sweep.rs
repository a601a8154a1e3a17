//! Deletes expired rows, a batch at a time, so that no request waits for long.

use super::client;
use super::database::Sqlite;
use crate::store::{IDLE, Ms, Result};

/// Rows of one statement.
pub(super) const BATCH: u32 = 500;
const HOUR: Ms = 60 * 60 * 1000;
const DAY: Ms = 24 * HOUR;

/// Statements, and how long before now lies the time `?1`; `?2` is the size of a batch.
const OVER: &[(&str, Ms)] = &[
    (
        "DELETE FROM spent_transaction WHERE id IN
         (SELECT id FROM spent_transaction WHERE expires <= ?1 LIMIT ?2)",
        0,
    ),
    (
        "DELETE FROM form_token WHERE value IN
         (SELECT value FROM form_token WHERE expires <= ?1 LIMIT ?2)",
        0,
    ),
    (
        "DELETE FROM upstream_state WHERE state IN
         (SELECT state FROM upstream_state WHERE expires <= ?1 LIMIT ?2)",
        0,
    ),
    (
        "DELETE FROM link_ticket WHERE id IN
         (SELECT id FROM link_ticket WHERE expires <= ?1 LIMIT ?2)",
        0,
    ),
    (
        "DELETE FROM web_login WHERE id IN
         (SELECT id FROM web_login WHERE expires <= ?1 LIMIT ?2)",
        0,
    ),
    (
        "DELETE FROM web_login WHERE id IN
         (SELECT id FROM web_login WHERE last_seen <= ?1 LIMIT ?2)",
        IDLE,
    ),
    (
        "DELETE FROM revoked_access WHERE jti IN
         (SELECT jti FROM revoked_access WHERE expires <= ?1 LIMIT ?2)",
        // Longer than the leeway of those who check tokens.
        HOUR,
    ),
    (
        "DELETE FROM refresh_token WHERE token IN
         (SELECT token FROM refresh_token WHERE expires <= ?1 LIMIT ?2)",
        0,
    ),
    // A code that is used again revokes its grant; a used code is kept for that.
    (
        "DELETE FROM auth_code WHERE code IN
         (SELECT code FROM auth_code WHERE expires <= ?1 LIMIT ?2)",
        DAY,
    ),
    (
        "DELETE FROM auth_code WHERE code IN
         (SELECT code FROM auth_code WHERE expires <= ?1 AND used_at IS NULL LIMIT ?2)",
        0,
    ),
    // Refresh tokens first: a grant may have thousands, which deleting it would cascade to.
    (
        "DELETE FROM refresh_token WHERE token IN (SELECT t.token FROM oauth_grant g
         JOIN refresh_token t ON t.grant_id = g.id WHERE g.expires <= ?1 LIMIT ?2)",
        DAY,
    ),
    (
        "DELETE FROM refresh_token WHERE token IN (SELECT t.token FROM oauth_grant g
         JOIN refresh_token t ON t.grant_id = g.id WHERE g.revoked_at <= ?1 LIMIT ?2)",
        DAY,
    ),
    (
        "DELETE FROM oauth_grant WHERE id IN
         (SELECT id FROM oauth_grant WHERE expires <= ?1 LIMIT ?2)",
        DAY,
    ),
    (
        "DELETE FROM oauth_grant WHERE id IN
         (SELECT id FROM oauth_grant WHERE revoked_at <= ?1 LIMIT ?2)",
        DAY,
    ),
    (
        "DELETE FROM signing_key WHERE kid IN
         (SELECT kid FROM signing_key WHERE drop_at <= ?1 LIMIT ?2)",
        0,
    ),
];

/// A successor that was used is not given again: that the token was used is all that must be known.
const GRACE: &str = "UPDATE refresh_token SET successor = NULL, successor_box = NULL,
    grace_until = NULL WHERE token IN
    (SELECT t.token FROM refresh_token t LEFT JOIN refresh_token s ON s.token = t.successor
    WHERE t.grace_until <= ?1 AND (s.token IS NULL OR s.used_at IS NOT NULL) LIMIT ?2)";

pub(super) async fn sweep(db: &Sqlite, now: Ms) -> Result<u64> {
    let mut gone = 0;
    for (statement, ago) in OVER {
        gone += batches(db, statement, now - ago).await?;
    }
    loop {
        let clients = client::sweep(db, (now - HOUR, now - 90 * DAY), now, BATCH).await?;
        gone += clients;
        if clients < u64::from(BATCH) {
            break;
        }
    }
    batches(db, GRACE, now).await?;
    Ok(gone)
}

async fn batches(db: &Sqlite, statement: &'static str, until: Ms) -> Result<u64> {
    let mut rows = 0;
    loop {
        let done = sqlx::query(statement)
            .bind(until)
            .bind(BATCH)
            .execute(&db.write)
            .await?;
        rows += done.rows_affected();
        if done.rows_affected() < u64::from(BATCH) {
            return Ok(rows);
        }
    }
}
