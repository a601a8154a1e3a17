//! Our own legs at identity providers.

use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{changed, document, get, hash, json};
use crate::store::{Hash, Ms, Result, UpstreamState};

fn read(row: &SqliteRow) -> Result<UpstreamState> {
    Ok(UpstreamState {
        state: hash(row, "state")?,
        provider: get(row, "provider")?,
        target: document(row, "target")?,
        browser: hash(row, "browser")?,
        nonce: get(row, "nonce")?,
        verifier: get(row, "verifier")?,
        expires: get(row, "expires")?,
    })
}

pub(super) async fn put(db: &Sqlite, state: &UpstreamState) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO upstream_state (state, provider, target, browser, nonce, verifier, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    );
    put.bind(&state.state.0[..])
        .bind(&state.provider)
        .bind(json(&state.target, "target")?)
        .bind(&state.browser.0[..])
        .bind(&state.nonce)
        .bind(&state.verifier)
        .bind(state.expires)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn spend(
    db: &Sqlite,
    state: Hash,
    browser: Hash,
    provider: &str,
    now: Ms,
) -> Result<Option<UpstreamState>> {
    let spend = sqlx::query(
        "UPDATE upstream_state SET used_at = ?3 WHERE state = ?1 AND browser = ?2
         AND used_at IS NULL AND expires > ?3 AND provider = ?4
         RETURNING state, provider, target, browser, nonce, verifier, expires",
    );
    let spend = spend.bind(&state.0[..]).bind(&browser.0[..]);
    let spend = spend.bind(now).bind(provider);
    changed(&db.write, spend)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn provider(
    db: &Sqlite,
    state: Hash,
    browser: Hash,
    now: Ms,
) -> Result<Option<String>> {
    let found = sqlx::query(
        "SELECT provider FROM upstream_state WHERE state = ?1 AND browser = ?2
         AND used_at IS NULL AND expires > ?3",
    );
    let found = found.bind(&state.0[..]).bind(&browser.0[..]).bind(now);
    let row = found.fetch_optional(&db.read).await?;
    row.as_ref().map(|row| get(row, "provider")).transpose()
}
