//! Environment variables, and the files that settings name.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The variables of a process; a test passes its own.
pub type Environment = BTreeMap<String, String>;

/// The variables of this process. Those that are not Unicode are not settings of this program.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads a file that a setting names, or says why it cannot be read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| {
        let cause = match error.kind() {
            ErrorKind::NotFound => "no such file".to_owned(),
            ErrorKind::IsADirectory => "it is a folder".to_owned(),
            other => other.to_string(),
        };
        format!("cannot read {}: {cause}", path.display())
    })
}
