//! Links that only the person who asked for them may follow.

use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::{changed, get, hash};
use crate::store::{Hash, Ms, Result, Ticket};

fn read(row: &SqliteRow) -> Result<Ticket> {
    Ok(Ticket {
        id: hash(row, "id")?,
        user_id: get(row, "user_id")?,
        expires: get(row, "expires")?,
    })
}

pub(super) async fn put(db: &Sqlite, ticket: &Ticket) -> Result<()> {
    sqlx::query("INSERT INTO link_ticket (id, user_id, expires) VALUES (?1, ?2, ?3)")
        .bind(&ticket.id.0[..])
        .bind(&ticket.user_id)
        .bind(ticket.expires)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn find(db: &Sqlite, id: Hash, now: Ms) -> Result<Option<Ticket>> {
    let find = sqlx::query(
        "SELECT id, user_id, expires FROM link_ticket
         WHERE id = ?1 AND used_at IS NULL AND expires > ?2",
    );
    let row = find.bind(&id.0[..]).bind(now).fetch_optional(&db.read);
    row.await?.as_ref().map(read).transpose()
}

pub(super) async fn spend(db: &Sqlite, id: Hash, now: Ms) -> Result<bool> {
    let spend = sqlx::query(
        "UPDATE link_ticket SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL AND expires > ?2
         RETURNING id",
    );
    let spend = spend.bind(&id.0[..]).bind(now);
    Ok(changed(&db.write, spend).await?.is_some())
}
