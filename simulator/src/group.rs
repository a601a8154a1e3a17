//! Groups (Kestra Enterprise).

use serde_json::{Value, json};

/// A group of users.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

impl Group {
    /// A row of a search result.
    pub(crate) fn row_json(&self) -> Value {
        json!({"id": self.id, "name": self.name})
    }

    /// The body of a response to a read or create.
    pub(crate) fn json(&self) -> Value {
        json!({"id": self.id, "name": self.name, "description": self.description})
    }
}
