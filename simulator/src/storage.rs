//! Namespace files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The storage path that Kestra's error messages contain.
pub(crate) const STORAGE_ROOT: &str = "/app/storage";

/// A file. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The contents by revision, oldest first; never empty.
    pub(crate) revisions: Vec<Vec<u8>>,
    pub(crate) created: u64,
    pub(crate) updated: u64,
}

impl File {
    /// The latest revision.
    pub(crate) fn content(&self) -> &[u8] {
        self.revisions.last().map_or(&[], Vec::as_slice)
    }

    /// A revision; the first one is 1.
    pub(crate) fn revision(&self, number: u64) -> Option<&[u8]> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        self.revisions.get(at).map(Vec::as_slice)
    }
}

/// All files, by namespace and path (`/dir/a.txt`).
#[derive(Debug, Default)]
pub(crate) struct Storage(pub(crate) BTreeMap<(String, String), File>);

impl Storage {
    /// Writes a new revision of a file.
    pub(crate) fn write(&mut self, namespace: &str, path: &str, content: Vec<u8>, now: u64) {
        let key = (namespace.to_owned(), path.to_owned());
        let file = self.0.entry(key).or_insert(File {
            revisions: Vec::new(),
            created: now,
            updated: now,
        });
        file.revisions.push(content);
        file.updated = now;
    }

    /// Whether a path is a directory: the root, or a prefix of the path of a file.
    pub(crate) fn is_directory(&self, namespace: &str, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        prefix == "/"
            || self
                .0
                .keys()
                .any(|(owner, path)| owner == namespace && path.starts_with(&prefix))
    }

    /// Whether a parent of the path is a file.
    pub(crate) fn is_below_a_file(&self, namespace: &str, path: &str) -> bool {
        path.match_indices('/')
            .filter_map(|(at, _)| path.get(..at))
            .any(|above| {
                self.0
                    .contains_key(&(namespace.to_owned(), above.to_owned()))
            })
    }

    /// The entries of a directory (`/` or `/dir`).
    pub(crate) fn list(&self, namespace: &str, directory: &str) -> Vec<Value> {
        let prefix = format!("{}/", directory.trim_end_matches('/'));
        let mut seen = Vec::new();
        let mut rows = Vec::new();
        for ((owner, path), file) in &self.0 {
            let Some(rest) = path.strip_prefix(&prefix).filter(|_| owner == namespace) else {
                continue;
            };
            match rest.split_once('/') {
                None => rows.push(row("File", rest, file.content().len(), file)),
                Some((name, _)) if seen.contains(&name.to_owned()) => {}
                Some((name, _)) => {
                    seen.push(name.to_owned());
                    rows.push(row("Directory", name, 0, file));
                }
            }
        }
        rows
    }

    /// The attributes of a file or directory.
    pub(crate) fn stats(&self, namespace: &str, path: &str) -> Option<Value> {
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some(file) = self.0.get(&(namespace.to_owned(), path.to_owned())) {
            return Some(row("File", name, file.content().len(), file));
        }
        let prefix = format!("{path}/");
        let inside = self
            .0
            .iter()
            .find(|((owner, p), _)| owner == namespace && p.starts_with(&prefix));
        inside.map(|(_, file)| row("Directory", name, 0, file))
    }
}

fn row(kind: &str, name: &str, size: usize, file: &File) -> Value {
    json!({
        "type": kind, "size": size, "fileName": name, "lastModifiedTime": file.updated,
        "creationTime": file.created, "metadata": {},
    })
}
