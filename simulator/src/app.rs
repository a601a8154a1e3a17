//! Apps (Kestra Enterprise).

use serde_json::{Value, json};

use crate::{
    time,
    yaml::{DuplicateKeys, Node, first_document},
};

/// An app. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) uid: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    pub(crate) tags: Vec<String>,
    pub(crate) disabled: bool,
    pub(crate) source: String,
    pub(crate) created: u64,
    pub(crate) updated: u64,
}

impl App {
    /// Parses an app's YAML source.
    pub(crate) fn read(source: &str, uid: String, now: u64) -> Result<Self, String> {
        let node = first_document(source, DuplicateKeys::Refused).map_err(|error| error.message)?;
        let node = node.ok_or_else(|| "No content to map due to end-of-input".to_owned())?;
        let text = |key: &str| {
            node.get(key)
                .and_then(Node::text)
                .unwrap_or_default()
                .to_owned()
        };
        for key in ["id", "namespace", "type"] {
            if text(key).is_empty() {
                return Err(format!("{key}: must not be null"));
            }
        }
        let tags = node.get("tags").map_or(&[][..], Node::items).iter();
        let tags = tags
            .filter_map(|tag| tag.text().map(str::to_owned))
            .collect();
        let name = match text("displayName") {
            name if name.is_empty() => text("name"),
            name => name,
        };
        Ok(Self {
            uid,
            id: text("id"),
            name: if name.is_empty() { text("id") } else { name },
            kind: text("type"),
            namespace: text("namespace"),
            flow_id: text("flowId"),
            tags,
            disabled: text("disabled") == "true",
            source: source.to_owned(),
            created: now,
            updated: now,
        })
    }

    /// A row of a search result.
    pub(crate) fn row_json(&self) -> Value {
        json!({
            "uid": self.uid, "id": self.id, "name": self.name, "type": self.kind,
            "namespace": self.namespace, "flowId": self.flow_id, "tags": self.tags,
            "enabled": !self.disabled, "created": time::iso(self.created),
            "updated": time::iso(self.updated),
        })
    }

    /// The body of a response to a read or create.
    pub(crate) fn json(&self) -> Value {
        json!({
            "uid": self.uid, "name": self.name, "namespace": self.namespace, "tags": self.tags,
            "disabled": self.disabled, "source": self.source,
            "created": time::iso(self.created), "updated": time::iso(self.updated),
        })
    }
}
