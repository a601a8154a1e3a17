//! The vendored files of a line.

use std::path::Path;

use super::Imported;
use super::error::WriteError;
use crate::sources::{self, Source, Sources};

/// Writes `openapi/kestra-<line>.json` and its entry in `openapi/sources.toml` under the workspace
/// root.
///
/// # Errors
///
/// A file cannot be written, or `sources.toml` is not what this function writes.
pub fn vendor(root: &Path, line: &str, imported: &Imported) -> Result<(), WriteError> {
    let folder = root.join("openapi");
    let name = file_name(line);
    let listed = folder.join("sources.toml");
    let mut sources = if listed.exists() {
        Sources::read(&listed)?
    } else {
        Sources::default()
    };
    sources.put(Source {
        line: line.to_owned(),
        version: imported.origin.version.clone(),
        package: imported.origin.package.clone(),
        sdist_sha256: imported.origin.sdist_sha256.clone(),
        file: format!("openapi/{name}"),
        sha256: sources::sha256(imported.text.as_bytes()),
    });
    write(&folder.join(name), &imported.text)?;
    write(&listed, &sources.to_string())
}

/// The vendored file of a line, inside `openapi/`.
pub fn file_name(line: &str) -> String {
    format!("kestra-{line}.json")
}

fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    std::fs::write(path, text).map_err(|source| WriteError::Write {
        path: path.to_owned(),
        source,
    })
}
