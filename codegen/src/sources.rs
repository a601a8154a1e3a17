//! `openapi/sources.toml`: what the vendored descriptions are and where they come from.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const HEAD: &str = "# Written by `codegen import`. The build checks sha256.\n";

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// One entry per line, oldest line first.
    #[serde(default)]
    pub source: Vec<Source>,
}

/// Origin and hash of one vendored description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `1.3`, `2.0`.
    pub line: String,
    /// The exact version that was described.
    pub version: String,
    /// The package that was observed, or the title of a description that a server gave.
    pub package: String,
    /// SHA-256 of the package's sdist, in hexadecimal; absent when no package was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdist_sha256: Option<String>,
    /// The vendored file, from the workspace root.
    pub file: String,
    /// SHA-256 of the vendored file, in hexadecimal.
    pub sha256: String,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what `codegen import` writes.
    #[error("{} is not what `codegen import` writes", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
}

impl Error {
    /// The line of the file that it is about, from 1.
    pub const fn line(&self) -> usize {
        match self {
            Self::Read { .. } => 1,
            Self::Toml { line, .. } => *line,
        }
    }
}

impl Sources {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read or has other keys than ours.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source: toml::de::Error| Error::Toml {
            path: path.to_owned(),
            line: source.span().map_or(1, |span| line_at(&text, span.start)),
            source: Box::new(source),
        })
    }

    /// The entry of a line.
    pub fn of(&self, line: &str) -> Option<&Source> {
        self.source.iter().find(|source| source.line == line)
    }

    /// Puts an entry in place of the one of its line.
    pub fn put(&mut self, source: Source) {
        self.source.retain(|other| other.line != source.line);
        self.source.push(source);
        self.source
            .sort_by_key(|source| crate::document::number_of_line(&source.line));
    }
}

/// The file's text.
impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        self.source
            .iter()
            .try_for_each(|source| write!(f, "\n{source}"))
    }
}

/// The entry's text.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = [
            ("line", Some(&self.line)),
            ("version", Some(&self.version)),
            ("package", Some(&self.package)),
            ("sdist_sha256", self.sdist_sha256.as_ref()),
            ("file", Some(&self.file)),
            ("sha256", Some(&self.sha256)),
        ];
        writeln!(f, "[[source]]")?;
        values.into_iter().try_for_each(|(key, value)| match value {
            Some(value) => writeln!(f, "{key} = {}", toml::Value::from(value.as_str())),
            None => Ok(()),
        })
    }
}

/// What is wrong with the vendored files below `root`, with lines of `openapi/sources.toml`: each
/// line's file has an entry, and the hash that it records.
///
/// # Errors
///
/// `openapi/sources.toml` or a file that it names cannot be read.
pub fn check(root: &Path, lines: &[&str]) -> Result<Vec<(usize, String)>, Error> {
    let path = root.join("openapi/sources.toml");
    let sources = Sources::read(&path)?;
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
    let mut faults = Vec::new();
    for line in lines {
        let file = format!("openapi/kestra-{line}.json");
        if sources.of(line).is_none_or(|source| source.file != file) {
            faults.push((1, format!("no [[source]] of {file}; import it again")));
        }
    }
    for Source { file, sha256, .. } in &sources.source {
        let path = root.join(file);
        let bytes = std::fs::read(&path).map_err(|source| Error::Read { path, source })?;
        if self::sha256(&bytes) != *sha256 {
            let at = text.find(sha256.as_str()).unwrap_or_default();
            let message =
                format!("{file} is not the file whose sha256 is recorded; import it again");
            faults.push((line_at(&text, at), message));
        }
    }
    Ok(faults)
}

/// The line of an offset, from 1.
fn line_at(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    before.filter(|byte| *byte == b'\n').count() + 1
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let nibbles = Sha256::digest(bytes)
        .into_iter()
        .flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}
