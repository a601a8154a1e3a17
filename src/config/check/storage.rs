//! The database and its encryption keys.

use std::path::{Path, PathBuf};

use super::super::key::{self, RingKey};
use super::super::settings::mcp::DATA_DIR;
use super::super::settings::storage::{KEYS, KEYS_FILE, OLD_KEY, OLD_KEY_FILE, STORE};
use super::context::Check;

pub(in crate::config) fn keys(check: &mut Check<'_>) -> Vec<RingKey> {
    let before = check.faults.len();
    let mut keys = Vec::new();
    for setting in [&KEYS, &OLD_KEY] {
        let Some(text) = check.secret(setting) else {
            continue;
        };
        match (key::ring(&text), check.said.secret(setting)) {
            (Ok(read), _) => keys.extend(read),
            (Err(problem), Some(found)) => {
                let remedy = "use what kestra-mcp keys generate prints";
                check.fault(found, problem.to_string(), remedy);
            }
            (Err(_), None) => {}
        }
    }
    let all = [&KEYS, &KEYS_FILE, &OLD_KEY, &OLD_KEY_FILE];
    if keys.is_empty() && check.faults.len() == before && !check.said.is_refused(&all) {
        check.missing(
            &KEYS,
            "what kestra-mcp keys generate prints, and keep it: without it nothing in the database \
             can be read",
        );
    }
    keys
}

/// The database file.
pub(in crate::config) fn store(check: &mut Check<'_>) -> PathBuf {
    let path = match check.found(&STORE) {
        Some(_) => named(check),
        None => folder(check).unwrap_or_default().join("kestra-mcp.db"),
    };
    check.holds(&STORE, path.display());
    path
}

/// The data folder.
fn folder(check: &mut Check<'_>) -> Option<PathBuf> {
    let variable = |name: &str| {
        let text = check.variables.get(name);
        text.filter(|text| !text.is_empty())
    };
    let data = variable("XDG_DATA_HOME").map(PathBuf::from);
    let data = data
        .or_else(|| variable("HOME").map(|home| Path::new(home).join(".local/share")))
        .map(|data| data.join("kestra-mcp"));
    let folder = check.text(&DATA_DIR).map(PathBuf::from).or(data);
    if folder.is_none() && !check.said.is_refused(&[&STORE, &DATA_DIR]) {
        check.missing(&DATA_DIR, "a folder for the database");
    }
    folder
}

/// The database file that a setting names.
fn named(check: &mut Check<'_>) -> PathBuf {
    let Some(found) = check.found(&STORE) else {
        return PathBuf::new();
    };
    let text = found.text.trim();
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        let remedy = "name a file: this version keeps its data in SQLite";
        check.fault(found, "is a PostgreSQL database", remedy);
        return PathBuf::new();
    }
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"));
    let path = path.unwrap_or(text).split('?').next().unwrap_or_default();
    let path = PathBuf::from(path);
    if path.extension().is_none_or(|extension| extension != "json") {
        return path;
    }
    let beside = path.with_extension("db");
    check.warnings.push(format!(
        "KESTRA_TOKEN_STORE names {}, a file of another program: it stays as it is, and {} is used; \
         people register their Kestra token again",
        path.display(),
        beside.display()
    ));
    beside
}
