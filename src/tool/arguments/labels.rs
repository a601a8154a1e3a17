//! Labels as an argument gives them.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};
use vocabulary::Keys;

use crate::tool::bindings;

/// Characters of the key of a label.
const KEY: usize = 100;
/// At most this many labels.
const LABELS: usize = 50;

pub(super) fn labels(given: &Map<String, Value>, keys: Keys) -> Option<Value> {
    let mut labels = Map::new();
    for (key, value) in given {
        let text = match value {
            Value::String(_) | Value::Number(_) | Value::Bool(_) => bindings::plain(value),
            _ => return None,
        };
        let fits = match keys {
            Keys::New => is_new(key),
            // Brackets would end the key in a query: `filters[labels][EQUALS][key]`.
            Keys::Any => !key.is_empty() && !key.contains(['[', ']']),
        };
        let control = |text: &str| text.chars().any(char::is_control);
        let long = key.chars().count() > KEY;
        if !fits || long || control(key) || text.trim().is_empty() || control(&text) {
            return None;
        }
        labels.insert(key.clone(), Value::String(text.into_owned()));
    }
    (labels.len() <= LABELS).then_some(Value::Object(labels))
}

/// What Kestra takes as the key of a label: `[\p{Ll}][\p{L}0-9._-]*`.
static NEW: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A\p{Ll}[\p{L}0-9._-]*\z").ok());

fn is_new(key: &str) -> bool {
    let reserved = key.starts_with("system.") || key.starts_with("mcp.");
    !reserved && NEW.as_ref().is_some_and(|regex| regex.is_match(key))
}
