//! What a run leaves behind: the log, and the database.

use std::path::PathBuf;

pub(crate) use crate::log::Log;
use crate::stand::Stand;

/// The bytes of the database: the file, and those next to it.
pub(crate) fn dump(stand: &Stand) -> Vec<u8> {
    let mut all = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let mut path = stand.database.clone().into_os_string();
        path.push(end);
        all.extend(std::fs::read(PathBuf::from(path)).unwrap_or_default());
    }
    all
}

pub(crate) fn holds(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len())
        .any(|part| part == secret.as_bytes())
}
