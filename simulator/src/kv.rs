//! KV pairs.

use serde_json::{Value, json};

use crate::{settings::Dialect, time};

mod ion;

pub(crate) use ion::Typed;

/// A KV pair. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) value: Typed,
    /// Not reset by a deletion.
    pub(crate) revision: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) expires: Option<u64>,
    pub(crate) description: Option<String>,
    pub(crate) deleted: bool,
}

impl Pair {
    /// Whether it is neither deleted nor expired.
    pub(crate) fn is_live(&self, now: u64) -> bool {
        !self.deleted && !self.has_expired(now)
    }

    pub(crate) fn has_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|moment| moment <= now)
    }

    /// The body of a response to a read.
    pub(crate) fn json(&self) -> Value {
        let mut shown = json!({
            "type": self.value.kind, "revision": self.revision, "updated": time::iso(self.updated),
        });
        if let (false, Some(fields)) = (self.value.value.is_null(), shown.as_object_mut()) {
            fields.insert("value".to_owned(), self.value.value.clone());
        }
        shown
    }

    /// A row of a list or search result.
    pub(crate) fn row_json(&self, namespace: &str, key: &str, dialect: Dialect) -> Value {
        let mut row = json!({
            "namespace": namespace, "key": key,
            "creationDate": time::iso(self.created), "updateDate": time::iso(self.updated),
        });
        if let Some(fields) = row.as_object_mut() {
            let name = if dialect.is_v2() {
                "revision"
            } else {
                "version"
            };
            fields.insert(name.to_owned(), json!(self.revision));
            if let Some(expires) = self.expires {
                fields.insert("expirationDate".to_owned(), json!(time::iso(expires)));
            }
            if let Some(description) = &self.description {
                fields.insert("description".to_owned(), json!(description));
            }
        }
        row
    }
}
