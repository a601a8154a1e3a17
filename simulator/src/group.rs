//! Groups of Enterprise.

use serde_json::{Value, json};

/// A group of people.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

impl Group {
    /// A row of a search.
    pub(crate) fn row_json(&self) -> Value {
        json!({"id": self.id, "name": self.name})
    }

    /// The answers of get and create.
    pub(crate) fn json(&self) -> Value {
        json!({"id": self.id, "name": self.name, "description": self.description})
    }
}
