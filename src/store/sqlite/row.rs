//! Reading rows, and statements that change some.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::error::ErrorKind;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Executor, Row as _, Sqlite, Type};

use crate::store::{Hash, Result, StoreError};

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.kind() != ErrorKind::Other => {
                Self::Conflict(Box::new(error))
            }
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

/// The value of a column.
pub(super) fn get<'r, T>(row: &'r SqliteRow, column: &'static str) -> Result<T>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    row.try_get(column)
        .map_err(|_| StoreError::Corrupt { what: column })
}

/// The value of a column that is a hash.
pub(super) fn hash(row: &SqliteRow, column: &'static str) -> Result<Hash> {
    maybe_hash(row, column)?.ok_or(StoreError::Corrupt { what: column })
}

/// The value of a column that is a hash or nothing.
pub(super) fn maybe_hash(row: &SqliteRow, column: &'static str) -> Result<Option<Hash>> {
    let bytes: Option<&[u8]> = get(row, column)?;
    bytes
        .map(|bytes| <[u8; 32]>::try_from(bytes).map(Hash))
        .transpose()
        .map_err(|_| StoreError::Corrupt { what: column })
}

/// The value of a column that is JSON.
pub(super) fn document<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T> {
    serde_json::from_str(get(row, column)?).map_err(|_| StoreError::Corrupt { what: column })
}

/// A value as JSON, for a column.
pub(super) fn json(value: &impl Serialize, column: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt { what: column })
}

/// A statement with its values.
pub(super) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// The row that a statement changed. It is run to its end: only then it is known to be written.
pub(super) async fn changed<'c>(
    on: impl Executor<'c, Database = Sqlite>,
    statement: Statement<'_>,
) -> Result<Option<SqliteRow>> {
    Ok(statement.fetch_all(on).await?.pop())
}
