//! Key-value pairs.

use serde_json::{Value, json};

use crate::{settings::Dialect, time};

/// One pair. Moments in milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) value: Value,
    pub(crate) revision: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) expires: Option<u64>,
    pub(crate) description: Option<String>,
}

impl Pair {
    /// The answer of a get.
    pub(crate) fn shown(&self) -> Value {
        let kind = match &self.value {
            Value::Number(_) => "NUMBER",
            Value::Bool(_) => "BOOLEAN",
            Value::Object(_) | Value::Array(_) | Value::Null => "JSON",
            Value::String(text) if time::parse_instant(text).is_some() => "DATETIME",
            Value::String(text) if time::parse_duration(text).is_some() => "DURATION",
            Value::String(_) => "STRING",
        };
        json!({
            "type": kind, "value": self.value, "revision": self.revision,
            "updated": time::iso(self.updated),
        })
    }

    /// A row of a list.
    pub(crate) fn row(&self, namespace: &str, key: &str, dialect: Dialect) -> Value {
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
