//! OAuth clients.

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{document, get, json};
use crate::store::{Client, ClientKind, Ms, Reason, Result};

fn read(row: &SqliteRow) -> Result<Client> {
    Ok(Client {
        last_used: get(row, "last_used")?,
        ..document(row, "document")?
    })
}

pub(super) async fn put(db: &Sqlite, client: &Client) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO client (id, kind, document, created, last_used) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, document = excluded.document,
         created = excluded.created, last_used = coalesce(excluded.last_used, last_used)",
    );
    put.bind(&client.id)
        .bind(client.kind.as_str())
        .bind(json(client, "client")?)
        .bind(client.created)
        .bind(client.last_used)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn find(db: &Sqlite, id: &str) -> Result<Option<Client>> {
    let row = sqlx::query("SELECT document, last_used FROM client WHERE id = ?1")
        .bind(id)
        .fetch_optional(&db.read)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn registered(db: &Sqlite) -> Result<u64> {
    let row = sqlx::query("SELECT count(*) AS clients FROM client WHERE kind = ?1")
        .bind(ClientKind::Registered.as_str())
        .fetch_one(&db.read)
        .await?;
    get::<i64>(&row, "clients").map(i64::unsigned_abs)
}

pub(super) async fn delete(db: &Sqlite, id: &str, now: Ms) -> Result<bool> {
    let mut transaction = db.begin().await?;
    let gone = sqlx::query("DELETE FROM client WHERE id = ?1")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    end_grants(&mut transaction, id, now).await?;
    transaction.commit().await?;
    Ok(gone.rows_affected() > 0)
}

/// Notes that a grant of the client was used.
pub(super) async fn used(on: &mut SqliteConnection, grant_id: &str, now: Ms) -> Result<()> {
    let used = sqlx::query(
        "UPDATE client SET last_used = max(coalesce(last_used, ?2), ?2)
         WHERE id = (SELECT client_id FROM oauth_grant WHERE id = ?1)",
    );
    used.bind(grant_id).bind(now).execute(on).await?;
    Ok(())
}

async fn end_grants(on: &mut SqliteConnection, id: &str, now: Ms) -> Result<()> {
    let end = sqlx::query(
        "UPDATE oauth_grant SET revoked_at = ?2, reason = ?3, idp_refresh = NULL
         WHERE client_id = ?1 AND revoked_at IS NULL",
    );
    end.bind(id)
        .bind(now)
        .bind(Reason::ClientGone.as_str())
        .execute(on)
        .await?;
    Ok(())
}

/// Deletes up to `limit` clients that registered themselves and were never used until `unused`, or
/// not since `idle`; how many.
pub(super) async fn sweep(
    db: &Sqlite,
    (unused, idle): (Ms, Ms),
    now: Ms,
    limit: u32,
) -> Result<u64> {
    let mut transaction = db.begin().await?;
    let over = sqlx::query(
        "DELETE FROM client WHERE id IN (SELECT id FROM client WHERE kind = ?1
         AND (last_used IS NULL AND created <= ?2 OR last_used <= ?3) LIMIT ?4) RETURNING id",
    );
    let gone = over
        .bind(ClientKind::Registered.as_str())
        .bind(unused)
        .bind(idle)
        .bind(limit)
        .fetch_all(&mut *transaction)
        .await?;
    for row in &gone {
        end_grants(&mut transaction, get(row, "id")?, now).await?;
    }
    transaction.commit().await?;
    Ok(gone.len() as u64)
}
