//! Parameters, bodies and answers: what carries a schema.

use serde_json::{Map, Value};

use super::part::{Fault, Reduced, fault, keep, map, object};
use super::schema::schema;

pub(super) fn parameter(given: &Value, place: &str) -> Reduced {
    object(given, place)?;
    let mut out = Map::new();
    let kept = [
        "$ref",
        "name",
        "in",
        "required",
        "deprecated",
        "allowEmptyValue",
        "allowReserved",
        "style",
        "explode",
    ];
    keep(given, &kept, &mut out);
    let named = out.contains_key("name") && out.contains_key("in");
    if !named && !out.contains_key("$ref") {
        return Err(fault(place, "a parameter needs name and in"));
    }
    schema_and_content(given, place, &mut out)?;
    Ok(Value::Object(out))
}

pub(super) fn request_body(given: &Value, place: &str) -> Reduced {
    object(given, place)?;
    let mut out = Map::new();
    keep(given, &["$ref", "required"], &mut out);
    schema_and_content(given, place, &mut out)?;
    Ok(Value::Object(out))
}

pub(super) fn response(given: &Value, place: &str) -> Reduced {
    object(given, place)?;
    let mut out = Map::new();
    keep(given, &["$ref"], &mut out);
    schema_and_content(given, place, &mut out)?;
    Ok(Value::Object(out))
}

fn media_type(given: &Value, place: &str) -> Reduced {
    object(given, place)?;
    let mut out = Map::new();
    schema_and_content(given, place, &mut out)?;
    if let Some(encoding) = given.get("encoding") {
        let reduced = map(encoding, &format!("{place} encoding"), |given, _| {
            let mut out = Map::new();
            keep(
                given,
                &["contentType", "style", "explode", "allowReserved"],
                &mut out,
            );
            Ok(Value::Object(out))
        })?;
        out.insert("encoding".to_owned(), reduced);
    }
    Ok(Value::Object(out))
}

fn schema_and_content(
    given: &Value,
    place: &str,
    out: &mut Map<String, Value>,
) -> Result<(), Fault> {
    if let Some(inner) = given.get("schema") {
        out.insert(
            "schema".to_owned(),
            schema(inner, &format!("{place} schema"))?,
        );
    }
    if let Some(content) = given.get("content") {
        let reduced = map(content, &format!("{place} content"), media_type)?;
        out.insert("content".to_owned(), reduced);
    }
    Ok(())
}
