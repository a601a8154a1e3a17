//! The database file: its mode, its lock, and its schema.

use std::borrow::Cow;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, SqlSafeStr as _};
use thiserror::Error;

use crate::store::{Result, StoreError};

/// How long a statement waits for another process, and a request for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that read while one writes.
const READERS: u32 = 4;

/// Each with its number and name; a released migration is never edited.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "first",
        include_str!("../../../migrations/sqlite/0001_first.sql"),
    ),
    (
        2,
        "spent transaction",
        include_str!("../../../migrations/sqlite/0002_spent_transaction.sql"),
    ),
    (
        3,
        "grant used",
        include_str!("../../../migrations/sqlite/0003_grant_used.sql"),
    ),
];

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// Creates folder and file if they are missing, readable only by their owner.
pub(super) fn make(path: &Path) -> Result<PathBuf> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        private_folder(folder).map_err(|source| StoreError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(StoreError::File(error)),
    }
    // Not opened again: closing it would release the locks of SQLite (POSIX).
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(path, mode).map_err(StoreError::File)?;
    }
    known(path)
}

/// The one name of a file that is there.
pub(super) fn known(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Absent {
            path: path.to_owned(),
        },
        _ => unavailable(error),
    })
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Holds the file for this server until the result is dropped. The system gives it free when the
/// process ends in whatever way.
pub(super) fn hold(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(lock_of(path)).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Taken {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

/// Whether a server holds the file. Makes nothing.
pub(super) fn is_held(path: &Path) -> bool {
    File::open(lock_of(path))
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// What a server locks for a database.
fn lock_of(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    beside.into()
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .synchronous(SqliteSynchronous::Full)
        // What was deleted is overwritten.
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
}

/// One connection, since SQLite has one writer: the queue is in this process.
pub(super) async fn writer(path: &Path) -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .connect_with(options(path).journal_mode(SqliteJournalMode::Wal))
        .await?;
    Ok(pool)
}

/// Connections that cannot write.
pub(super) fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options(path).read_only(true))
}

/// Brings the tables up to this version; two processes do it one after the other.
pub(super) async fn migrate(writer: &SqlitePool) -> Result<()> {
    let migrations = MIGRATIONS.iter().map(|(version, name, text)| {
        let sql = text.into_sql_str();
        Migration::new(
            *version,
            Cow::Borrowed(*name),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    migrator
        .run(&mut *transaction)
        .await
        .map_err(|error| StoreError::Version(Box::new(error)))?;
    transaction.commit().await?;
    Ok(())
}

/// Whether the tables are those of this version. A command changes none: a server that runs beside
/// it may know only those that are there.
pub(super) async fn check(pool: &SqlitePool) -> Result<()> {
    let known = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let known: i64 = sqlx::query_scalar(known).fetch_one(pool).await?;
    let applied: Vec<i64> = if known == 0 {
        Vec::new()
    } else {
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(pool)
            .await?
    };
    let ours = MIGRATIONS.iter().map(|(version, _, _)| *version);
    if ours.eq(applied.iter().copied()) {
        return Ok(());
    }
    Err(StoreError::Version(Box::new(OtherTables)))
}

/// Why a command does not touch a database.
#[derive(Debug, Error)]
#[error("a server of this version must have opened it first, and none of a newer one")]
struct OtherTables;
