//! The connections to a SQLite file.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;

use sqlx::sqlite::SqlitePool;

use super::file;
use crate::store::Result;

/// A SQLite file.
pub struct Sqlite {
    pub(super) path: PathBuf,
    pub(super) write: SqlitePool,
    pub(super) read: SqlitePool,
    /// Free when it is dropped.
    pub(super) lock: Mutex<Option<File>>,
}

impl Sqlite {
    pub(super) fn new(path: PathBuf, write: SqlitePool, lock: Option<File>) -> Self {
        Self {
            read: file::readers(&path),
            write,
            path,
            lock: Mutex::new(lock),
        }
    }

    /// Begins a transaction that changes several rows.
    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sqlite").field(&self.path).finish()
    }
}
