//! Access tokens that were revoked.

use super::database::Sqlite;
use crate::store::{Ms, Result};

pub(super) async fn revoke(db: &Sqlite, jti: &str, expires: Ms) -> Result<()> {
    let revoke = sqlx::query(
        "INSERT INTO revoked_access (jti, expires) VALUES (?1, ?2)
         ON CONFLICT (jti) DO UPDATE SET expires = max(expires, excluded.expires)",
    );
    revoke.bind(jti).bind(expires).execute(&db.write).await?;
    Ok(())
}

pub(super) async fn is_revoked(db: &Sqlite, jti: &str) -> Result<bool> {
    let row = sqlx::query("SELECT 1 FROM revoked_access WHERE jti = ?1")
        .bind(jti)
        .fetch_optional(&db.read)
        .await?;
    Ok(row.is_some())
}
