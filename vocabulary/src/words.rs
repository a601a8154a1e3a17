//! Texts by the name of their set, and the sets.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

/// Named sets of texts.
pub type Sets = BTreeMap<String, Vec<String>>;

/// A list of texts, or the name of one of `[states]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The name that was written in place of a list.
    pub set: Option<String>,
    /// The texts; those of a name once it is resolved.
    pub list: Vec<String>,
}

impl Words {
    /// Looks up a name. An unknown name stays empty; a check of the manifest looks at [`Words::set`].
    pub fn resolve(&mut self, sets: &Sets) {
        if let Some(list) = self.set.as_ref().and_then(|name| sets.get(name)) {
            self.list.clone_from(list);
        }
    }

    /// Whether `text` is one of them.
    pub fn contains(&self, text: &str) -> bool {
        self.list.iter().any(|word| word == text)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Self {
                set: Some(name),
                list: Vec::new(),
            }),
            list => serde_json::from_value(list)
                .map(|list| Self { set: None, list })
                .map_err(|_| {
                    D::Error::custom("expected a list of texts, or the name of a set in [states]")
                }),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Words {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Words".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "a list of texts, or the name of a set in [states]",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        })
    }
}
