//! Files of namespaces.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// One file. Moments in milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) content: Vec<u8>,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) revision: u64,
}

/// All files, by namespace and path (`/dir/a.txt`).
#[derive(Debug, Default)]
pub(crate) struct Storage(pub(crate) BTreeMap<(String, String), File>);

impl Storage {
    /// Writes a file.
    pub(crate) fn write(&mut self, namespace: &str, path: &str, content: Vec<u8>, now: u64) {
        let key = (namespace.to_owned(), path.to_owned());
        let file = self.0.entry(key).or_insert(File {
            content: Vec::new(),
            created: now,
            updated: now,
            revision: 0,
        });
        file.content = content;
        file.updated = now;
        file.revision += 1;
    }

    /// What lies directly in a directory (`/` or `/dir`).
    pub(crate) fn list(&self, namespace: &str, directory: &str) -> Vec<Value> {
        let prefix = format!("{}/", directory.trim_end_matches('/'));
        let mut seen = Vec::new();
        let mut rows = Vec::new();
        for ((owner, path), file) in &self.0 {
            let Some(rest) = path.strip_prefix(&prefix).filter(|_| owner == namespace) else {
                continue;
            };
            match rest.split_once('/') {
                None => rows.push(row("File", rest, file.content.len(), file)),
                Some((name, _)) if seen.contains(&name.to_owned()) => {}
                Some((name, _)) => {
                    seen.push(name.to_owned());
                    rows.push(row("Directory", name, 0, file));
                }
            }
        }
        rows
    }

    /// Details of a file or directory.
    pub(crate) fn stats(&self, namespace: &str, path: &str) -> Option<Value> {
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some(file) = self.0.get(&(namespace.to_owned(), path.to_owned())) {
            return Some(row("File", name, file.content.len(), file));
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
