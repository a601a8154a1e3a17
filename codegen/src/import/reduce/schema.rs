//! Schemas without their prose.

use serde_json::{Map, Value};

use super::part::{Reduced, fault, is_extension, keep, map, object};

/// Keys of a schema that carry no fact. A *property* of such a name is not one of them.
const PROSE: [&str; 8] = [
    "description",
    "title",
    "summary",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "$comment",
];

pub(super) fn schema(given: &Value, place: &str) -> Reduced {
    if given.is_boolean() {
        return Ok(given.clone());
    }
    let mut out = Map::new();
    for (key, inner) in object(given, place)? {
        if PROSE.contains(&key.as_str()) || is_extension(key) {
            continue;
        }
        let place = format!("{place} {key}");
        let reduced = match key.as_str() {
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                map(inner, &place, schema)?
            }
            "allOf" | "oneOf" | "anyOf" | "prefixItems" => list(inner, &place)?,
            "items" if inner.is_array() => list(inner, &place)?,
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties" => schema(inner, &place)?,
            "discriminator" => {
                let mut out = Map::new();
                keep(inner, &["propertyName", "mapping"], &mut out);
                Value::Object(out)
            }
            _ => inner.clone(),
        };
        out.insert(key.clone(), reduced);
    }
    Ok(Value::Object(out))
}

fn list(given: &Value, place: &str) -> Reduced {
    let items = given
        .as_array()
        .ok_or_else(|| fault(place, "a list has to stand here"))?;
    items.iter().map(|item| schema(item, place)).collect()
}
