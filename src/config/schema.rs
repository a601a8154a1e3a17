//! The JSON Schema of the configuration file, for editors.

use serde_json::{Map, Value, json};

use super::setting::{Kind, Setting};
use super::settings;
use super::settings::provider::PROVIDER;
use super::settings::tables::{client, role};

/// The schema of the whole file.
pub fn schema() -> Value {
    let mut tables: Map<String, Value> = Map::new();
    for setting in settings::all() {
        let Some((table, key)) = setting.key() else {
            continue;
        };
        let entry = tables.entry(table).or_insert_with(|| table_of(&[]));
        if let Some(keys) = entry.get_mut("properties").and_then(Value::as_object_mut) {
            keys.insert(key.to_owned(), of(setting));
        }
    }
    let list = |keys| json!({ "type": "array", "items": table_of(keys) });
    tables.insert("identity_provider".to_owned(), list(PROVIDER));
    tables.insert("client".to_owned(), list(client::ALL));
    let roles = json!({ "type": "object", "additionalProperties": table_of(role::ALL) });
    tables.insert("role".to_owned(), roles);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration file of kestra-mcp",
        "type": "object",
        "additionalProperties": false,
        "properties": tables,
    })
}

/// A table of these keys and no others.
fn table_of(keys: &[&'static Setting]) -> Value {
    let required: Vec<&str> = keys
        .iter()
        .filter(|setting| setting.required.is_some())
        .map(|setting| setting.name)
        .collect();
    let properties: Map<String, Value> = keys
        .iter()
        .map(|setting| (setting.name.to_owned(), of(setting)))
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

/// One key.
fn of(setting: &Setting) -> Value {
    let mut schema = of_kind(setting.kind);
    if let Some(keywords) = schema.as_object_mut() {
        keywords.insert("description".to_owned(), json!(setting.meaning()));
    }
    schema
}

fn of_kind(kind: Kind) -> Value {
    // A text of white space alone is not a value.
    const TEXT: &str = r"\S";
    match kind {
        Kind::Text | Kind::Secret(_) => json!({ "type": "string", "pattern": TEXT }),
        Kind::Truth { default, .. } => json!({ "type": "boolean", "default": default }),
        Kind::Number { from, to, default } => {
            json!({ "type": "integer", "minimum": from, "maximum": to, "default": default })
        }
        Kind::List => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Choice { words, default } => json!({ "enum": words(), "default": default() }),
        Kind::Choices(words) => json!({ "type": "array", "items": { "enum": words() } }),
        Kind::Claim => json!({ "oneOf": [
            { "type": "string", "pattern": "^(/[^/]+)+$" },
            { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
        ] }),
        Kind::Shape => json!({
            "type": "string",
            "pattern": "^(auto|array|string|space|comma|keys|field:.+)$",
            "default": "auto",
        }),
        Kind::Scalar => json!({ "type": ["string", "integer", "boolean"] }),
        Kind::Map => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Tables(keys) => json!({ "type": "array", "items": table_of(keys) }),
    }
}
