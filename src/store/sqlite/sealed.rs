//! The sealed values of all tables, for key rotation.

use super::database::Sqlite;
use super::row::{changed, get};
use crate::store::seal::Column;
use crate::store::{Result, Sealed};

/// The statements for one column; `?1` is the row.
struct SealedColumn {
    column: Column,
    /// Rows after `?1`, at most `?2`.
    page: &'static str,
    /// From the value `?2` to `?3`.
    swap: &'static str,
}

/// In the order of the walk. The constants of `key_check` are never resealed.
const SEALED_COLUMNS: &[SealedColumn] = &[
    SealedColumn {
        column: Column::CREDENTIAL,
        page: "SELECT id AS place, secret AS value FROM kestra_credential
            WHERE id > ?1 ORDER BY id LIMIT ?2",
        swap: "UPDATE kestra_credential SET secret = ?3 WHERE id = ?1 AND secret = ?2 RETURNING 1",
    },
    SealedColumn {
        column: Column::IDP_REFRESH,
        page: "SELECT id AS place, idp_refresh AS value FROM oauth_grant
            WHERE id > ?1 AND idp_refresh IS NOT NULL ORDER BY id LIMIT ?2",
        swap: "UPDATE oauth_grant SET idp_refresh = ?3 WHERE id = ?1 AND idp_refresh = ?2
            RETURNING 1",
    },
    SealedColumn {
        column: Column::SIGNING_KEY,
        page: "SELECT kid AS place, private AS value FROM signing_key
            WHERE kid > ?1 ORDER BY kid LIMIT ?2",
        swap: "UPDATE signing_key SET private = ?3 WHERE kid = ?1 AND private = ?2 RETURNING 1",
    },
    SealedColumn {
        column: Column::NONCE,
        page: "SELECT lower(hex(state)) AS place, nonce AS value FROM upstream_state
            WHERE state > unhex(?1) ORDER BY state LIMIT ?2",
        swap: "UPDATE upstream_state SET nonce = ?3 WHERE state = unhex(?1) AND nonce = ?2
            RETURNING 1",
    },
    SealedColumn {
        column: Column::VERIFIER,
        page: "SELECT lower(hex(state)) AS place, verifier AS value FROM upstream_state
            WHERE state > unhex(?1) ORDER BY state LIMIT ?2",
        swap: "UPDATE upstream_state SET verifier = ?3 WHERE state = unhex(?1) AND verifier = ?2
            RETURNING 1",
    },
];

fn position(sealed: &Sealed) -> Option<usize> {
    SEALED_COLUMNS.iter().position(|column| {
        (column.column.table, column.column.column) == (sealed.table, sealed.column)
    })
}

pub(super) async fn page(db: &Sqlite, after: Option<&Sealed>, limit: u32) -> Result<Vec<Sealed>> {
    let first = after.and_then(position).unwrap_or_default();
    let mut row = after.map_or("", |after| after.row.as_str());
    let mut found: Vec<Sealed> = Vec::new();
    for column in SEALED_COLUMNS.iter().skip(first) {
        let missing = u64::from(limit).saturating_sub(found.len() as u64);
        if missing == 0 {
            break;
        }
        let page = sqlx::query(column.page)
            .bind(row)
            .bind(missing.cast_signed());
        for next in page.fetch_all(&db.read).await? {
            found.push(Sealed {
                table: column.column.table,
                column: column.column.column,
                row: get(&next, "place")?,
                value: get(&next, "value")?,
            });
        }
        row = "";
    }
    Ok(found)
}

pub(super) async fn swap(db: &Sqlite, old: &Sealed, new: &[u8]) -> Result<bool> {
    let Some(column) = position(old).and_then(|at| SEALED_COLUMNS.get(at)) else {
        return Ok(false);
    };
    let swap = sqlx::query(column.swap)
        .bind(&old.row)
        .bind(&old.value)
        .bind(new);
    Ok(changed(&db.write, swap).await?.is_some())
}

pub(super) async fn checks(db: &Sqlite) -> Result<Vec<(String, Vec<u8>)>> {
    let rows = sqlx::query("SELECT kid, constant FROM key_check ORDER BY kid")
        .fetch_all(&db.read)
        .await?;
    rows.iter()
        .map(|row| Ok((get(row, "kid")?, get(row, "constant")?)))
        .collect()
}

pub(super) async fn put_check(db: &Sqlite, kid: &str, sealed: &[u8]) -> Result<()> {
    sqlx::query("INSERT INTO key_check (kid, constant) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        .bind(kid)
        .bind(sealed)
        .execute(&db.write)
        .await?;
    Ok(())
}

pub(super) async fn delete_check(db: &Sqlite, kid: &str) -> Result<()> {
    sqlx::query("DELETE FROM key_check WHERE kid = ?1")
        .bind(kid)
        .execute(&db.write)
        .await?;
    Ok(())
}
