//! Authorization requests that were decided. Until then they travel with the browser.

use super::database::Sqlite;
use super::row::changed;
use crate::store::{Hash, Ms, Result};

pub(super) async fn spend(db: &Sqlite, id: Hash, expires: Ms) -> Result<bool> {
    let spend = sqlx::query(
        "INSERT INTO spent_transaction (id, expires) VALUES (?1, ?2)
         ON CONFLICT DO NOTHING RETURNING id",
    );
    let spend = spend.bind(&id.0[..]).bind(expires);
    Ok(changed(&db.write, spend).await?.is_some())
}

pub(super) async fn is_spent(db: &Sqlite, id: Hash) -> Result<bool> {
    let found = sqlx::query("SELECT 1 FROM spent_transaction WHERE id = ?1");
    let found = found.bind(&id.0[..]).fetch_optional(&db.read).await?;
    Ok(found.is_some())
}
