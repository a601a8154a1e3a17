//! All flows, with their revisions.

use std::sync::Arc;

use super::{Flow, Shared};

/// Every flow ever saved, including deleted ones.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    entries: Vec<Entry>,
    saves: u64,
}

#[derive(Debug)]
struct Entry {
    revisions: Vec<Shared>,
    /// The sequence number of the latest save; searches sort by it.
    last_save: u64,
    /// When the flow was created, or recreated after its latest deletion.
    created: u64,
}

impl Flows {
    fn entry(&self, namespace: &str, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| {
            entry
                .revisions
                .last()
                .is_some_and(|f| f.namespace == namespace && f.id == id)
        })
    }

    /// The latest revision of a flow, unless it is deleted.
    pub(crate) fn get(&self, namespace: &str, id: &str) -> Option<&Shared> {
        self.latest(namespace, id).filter(|flow| !flow.deleted)
    }

    /// The latest revision, deleted or not.
    pub(crate) fn latest(&self, namespace: &str, id: &str) -> Option<&Shared> {
        self.entry(namespace, id)?.revisions.last()
    }

    /// Every revision, oldest first.
    pub(crate) fn revisions(&self, namespace: &str, id: &str) -> &[Shared] {
        self.entry(namespace, id)
            .map_or(&[], |entry| entry.revisions.as_slice())
    }

    /// When a flow was created, in milliseconds since the epoch.
    pub(crate) fn created_at(&self, namespace: &str, id: &str) -> Option<u64> {
        self.entry(namespace, id).map(|entry| entry.created)
    }

    /// Saves a revision, unless the source is unchanged. Returns the latest revision and whether it
    /// is new.
    pub(crate) fn save(&mut self, mut flow: Flow, now: u64) -> (Shared, bool) {
        self.saves += 1;
        let last_save = self.saves;
        flow.updated = now;
        let position = self.entries.iter().position(|entry| {
            entry
                .revisions
                .last()
                .is_some_and(|last| last.namespace == flow.namespace && last.id == flow.id)
        });
        let Some(entry) = position.and_then(|at| self.entries.get_mut(at)) else {
            let flow = Arc::new(flow);
            self.entries.push(Entry {
                revisions: vec![Arc::clone(&flow)],
                last_save,
                created: now,
            });
            return (flow, true);
        };
        if let Some(last) = entry.revisions.last() {
            if !last.deleted && last.source == flow.source && !flow.deleted {
                return (Arc::clone(last), false);
            }
            if last.deleted {
                entry.created = now;
            }
            flow.revision = last.revision + 1;
        }
        let flow = Arc::new(flow);
        entry.last_save = last_save;
        entry.revisions.push(Arc::clone(&flow));
        (flow, true)
    }

    /// Deletes a flow by adding a revision marked as deleted. Returns whether the flow existed.
    pub(crate) fn delete(&mut self, namespace: &str, id: &str, now: u64) -> bool {
        let Some(flow) = self.get(namespace, id) else {
            return false;
        };
        let mut flow = Flow::clone(flow);
        flow.deleted = true;
        self.save(flow, now);
        true
    }

    /// Every flow that is not deleted, least recently saved first.
    pub(crate) fn all(&self) -> Vec<Shared> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| entry.last_save);
        entries
            .into_iter()
            .filter_map(|entry| entry.revisions.last())
            .filter(|flow| !flow.deleted)
            .cloned()
            .collect()
    }

    /// The namespaces that have flows, sorted.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .all()
            .iter()
            .map(|flow| flow.namespace.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}
