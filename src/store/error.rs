//! Errors of the store.

use std::path::PathBuf;

use thiserror::Error;

/// Why an operation of the store failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be reached, is locked for too long, or is full.
    #[error("the database does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It holds something that this version does not understand.
    #[error("the database holds a {what} that cannot be read")]
    Corrupt {
        /// The column or the kind of row.
        what: &'static str,
    },
    /// A row with this key is there already, or one that this row needs is not there.
    #[error("the database takes no such row")]
    Conflict(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its tables are those of a newer version of this program, or not made by it.
    #[error("the database is of another version")]
    Version(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Two servers on one file would give the same things twice.
    #[error(
        "another server uses it: end that one, or name another folder in KESTRA_MCP_DATA_DIR for \
         this one"
    )]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// No server has made it yet, or it is elsewhere.
    #[error(
        "there is no database at {}: start kestra-mcp serve once, or name its folder in \
         KESTRA_MCP_DATA_DIR",
        path.display()
    )]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// Its folder is not there and cannot be made.
    #[error(
        "the folder {} cannot be made, name another in KESTRA_MCP_DATA_DIR",
        folder.display()
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not there and cannot be made, or its mode cannot be set.
    #[error("the file cannot be made for its owner alone")]
    File(#[source] std::io::Error),
}

/// The result of asking the store.
pub type Result<T> = std::result::Result<T, StoreError>;
