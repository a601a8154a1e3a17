//! Authorization requests that wait for consent and login.

use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use super::row::{changed, document, json};
use crate::store::{Hash, Ms, Result, Transaction};

fn read(row: Option<SqliteRow>) -> Result<Option<Transaction>> {
    row.map(|row| document(&row, "document")).transpose()
}

pub(super) async fn put(db: &Sqlite, transaction: &Transaction) -> Result<()> {
    sqlx::query("INSERT INTO auth_txn (id, document, expires) VALUES (?1, ?2, ?3)")
        .bind(&transaction.id.0[..])
        .bind(json(transaction, "transaction")?)
        .bind(transaction.expires)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn find(db: &Sqlite, id: Hash, now: Ms) -> Result<Option<Transaction>> {
    let find = sqlx::query(
        "SELECT document FROM auth_txn WHERE id = ?1 AND used_at IS NULL AND expires > ?2",
    );
    read(
        find.bind(&id.0[..])
            .bind(now)
            .fetch_optional(&db.read)
            .await?,
    )
}

pub(super) async fn spend(db: &Sqlite, id: Hash, now: Ms) -> Result<Option<Transaction>> {
    let spend = sqlx::query(
        "UPDATE auth_txn SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL AND expires > ?2
         RETURNING document",
    );
    read(changed(&db.write, spend.bind(&id.0[..]).bind(now)).await?)
}
