//! Keys that sign access tokens.

use sqlx::sqlite::SqliteRow;

use super::database::Sqlite;
use super::row::get;
use crate::store::{Ms, Result, SigningKey};

fn read(row: &SqliteRow) -> Result<SigningKey> {
    Ok(SigningKey {
        kid: get(row, "kid")?,
        public: get(row, "public")?,
        private: get(row, "private")?,
        activate_at: get(row, "activate_at")?,
        drop_at: get(row, "drop_at")?,
    })
}

pub(super) async fn put(db: &Sqlite, key: &SigningKey) -> Result<()> {
    let put = sqlx::query(
        "INSERT INTO signing_key (kid, public, private, activate_at, drop_at)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kid) DO NOTHING",
    );
    put.bind(&key.kid)
        .bind(&key.public)
        .bind(&key.private)
        .bind(key.activate_at)
        .bind(key.drop_at)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn all(db: &Sqlite) -> Result<Vec<SigningKey>> {
    let rows = sqlx::query("SELECT * FROM signing_key ORDER BY activate_at, kid")
        .fetch_all(&db.read)
        .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn retire(db: &Sqlite, kid: &str, drop_at: Ms) -> Result<()> {
    sqlx::query("UPDATE signing_key SET drop_at = ?2 WHERE kid <> ?1 AND drop_at IS NULL")
        .bind(kid)
        .bind(drop_at)
        .execute(&db.write)
        .await?;
    Ok(())
}
