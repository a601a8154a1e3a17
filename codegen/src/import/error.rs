//! Why a description cannot be imported.

use std::path::PathBuf;

use crate::sources;

/// Why a description cannot be imported. Every message begins with file and place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither YAML nor JSON.
    #[error("{file}:{line}:{column}: {message}")]
    Syntax {
        /// The file as it was named.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// YAML, with no or several documents.
    #[error("{file}: {count} YAML documents; a description is one")]
    Documents {
        /// The file as it was named.
        file: String,
        /// How many there are.
        count: usize,
    },
    /// No `openapi` at the top.
    #[error("{file}: top level: not OpenAPI: no \"openapi\" there")]
    NotOpenApi {
        /// The file as it was named.
        file: String,
    },
    /// OpenAPI, of a version that is not read here.
    #[error(
        "{file}: top level: {specification} {version}; only OpenAPI 3 is read: convert it first"
    )]
    Version {
        /// The file as it was named.
        file: String,
        /// `Swagger` or `OpenAPI`.
        specification: &'static str,
        /// As written in the file.
        version: String,
    },
    /// A part is missing or is of another kind.
    #[error("{file}: {place}: {expected}")]
    Shape {
        /// The file as it was named.
        file: String,
        /// `paths /api/v1/configs get`.
        place: String,
        /// What has to stand there.
        expected: &'static str,
    },
    /// Two operations have one name.
    #[error("{file}: {second}: operationId \"{id}\" is also of {first}")]
    DuplicateId {
        /// The file as it was named.
        file: String,
        /// The name.
        id: String,
        /// Method and path of one.
        first: String,
        /// Method and path of the other.
        second: String,
    },
    /// A package of another line.
    #[error("{file}: info: version {version} is not of line {line}")]
    OtherLine {
        /// The file as it was named.
        file: String,
        /// `info.version`.
        version: String,
        /// The line that was asked for.
        line: String,
    },
}

/// Why the vendored files cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// `sources.toml` is at fault.
    #[error(transparent)]
    Sources(#[from] sources::Error),
}
