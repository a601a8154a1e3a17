//! Where the value of a setting comes from.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a setting is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A variable, a flag, or a key as `table.key`.
    pub name: String,
    /// The file it stands in; none for a flag or a variable of this process.
    pub file: Option<PathBuf>,
}

impl Place {
    pub(super) fn new(name: impl Into<String>, file: Option<&Path>) -> Self {
        Self {
            name: name.into(),
            file: file.map(Path::to_path_buf),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}: {}", file.display(), self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// The kinds of sources, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    File,
    EnvFile,
    Environment,
    Flag,
}

/// The text of a setting and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) place: Place,
    pub(super) source: Source,
}
