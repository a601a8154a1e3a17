//! An operation in the shape that progenitor takes: the table of normalisations.

use serde_json::{Value, json};

use crate::document::{Document, Operation};

/// Rules that the server checks better than a generated client would.
pub(super) fn relax(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for word in [
                "pattern",
                "minLength",
                "maxLength",
                "minimum",
                "maximum",
                "default",
            ] {
                // A property may be called so; then it holds a schema, not a rule.
                if members.get(word).is_some_and(|value| !value.is_object()) {
                    members.remove(word);
                }
            }
            if members
                .get("format")
                .is_some_and(|format| format != "binary" && format.is_string())
            {
                members.remove("format");
            }
            let bare = members.get("type").is_some_and(|kind| kind == "object")
                && !["properties", "additionalProperties", "allOf", "oneOf"]
                    .iter()
                    .any(|key| members.contains_key(*key));
            if bare {
                members.remove("type");
            }
            members.values_mut().for_each(relax);
        }
        Value::Array(items) => items.iter_mut().for_each(relax),
        _ => {}
    }
}

/// An operation as progenitor takes it.
///
/// # Errors
/// A shape that is not in the table of normalisations.
pub fn normalise(document: &Document, operation: &Operation<'_>) -> Result<Value, String> {
    let mut parameters = Vec::new();
    for parameter in operation
        .value
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        parameters.push(normal_parameter(document, operation, parameter)?);
    }
    let mut value = json!({
        "operationId": operation.id,
        // Answers are read by our own bounded reader whatever their type.
        "responses": { "2XX": {
            "description": "",
            "content": { "*/*": { "schema": { "type": "string", "format": "binary" } } },
        } },
    });
    if request(operation)?.is_some() {
        // Every body is made by our own encoders, with its content type.
        parameters.push(json!({
            "name": "content-type", "in": "header", "required": true,
            "schema": { "type": "string" },
        }));
        let content = json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } });
        put(
            &mut value,
            "requestBody",
            json!({ "required": true, "content": content }),
        );
    }
    put(&mut value, "parameters", Value::Array(parameters));
    Ok(value)
}

fn put(value: &mut Value, key: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(key.to_owned(), member);
    }
}

/// The media type that we send, and its schema: JSON before YAML before text before multipart.
pub fn request(operation: &Operation<'_>) -> Result<Option<(String, Value)>, String> {
    let Some(body) = operation.value.get("requestBody") else {
        return Ok(None);
    };
    let Some(content) = body.get("content").and_then(Value::as_object) else {
        return Err("a request body by reference; write it out in overlay.toml".into());
    };
    let rank = |media: &str| {
        let media = media.to_ascii_lowercase();
        [
            "json",
            "yaml",
            "text/plain",
            "multipart/form-data",
            "octet-stream",
        ]
        .iter()
        .position(|word| media.contains(word))
    };
    let best = content
        .iter()
        .filter_map(|(media, value)| Some((rank(media)?, media, value)))
        .min_by_key(|(rank, ..)| *rank);
    let Some((rank, media, value)) = best else {
        let known: Vec<&str> = content.keys().map(String::as_str).collect();
        return Err(format!(
            "a body of {}, which is not in the table of normalisations",
            known.join(", ")
        ));
    };
    let schema = value.get("schema").cloned().unwrap_or_else(|| json!({}));
    let media = if rank == 0 {
        "application/json".to_owned()
    } else {
        media.clone()
    };
    Ok(Some((media, schema)))
}

fn normal_parameter(
    document: &Document,
    operation: &Operation<'_>,
    parameter: &Value,
) -> Result<Value, String> {
    let resolved = match parameter.get("$ref").and_then(Value::as_str) {
        Some(pointer) => document
            .json
            .pointer(pointer.trim_start_matches('#'))
            .ok_or_else(|| format!("parameter {pointer} is not described"))?,
        None => parameter,
    };
    let text = |key: &str| {
        resolved
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let name = text("name");
    let in_path = operation.path.contains(&format!("{{{name}}}"));
    let place = if in_path {
        "path".to_owned()
    } else {
        text("in")
    };
    if !matches!(place.as_str(), "path" | "query" | "header") {
        return Err(format!(
            "parameter {name} in {place}, which is not in the table of normalisations"
        ));
    }
    let mut schema = resolved
        .get("schema")
        .cloned()
        .unwrap_or_else(|| json!({ "type": "string" }));
    relax(&mut schema);
    if let (true, Some(members)) = (place == "path", schema.as_object_mut()) {
        members.remove("nullable");
    }
    if name == "filters" {
        schema = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    }
    let has_default = resolved.pointer("/schema/default").is_some();
    let required = place == "path"
        || (resolved.get("required").and_then(Value::as_bool) == Some(true)
            && !has_default
            && name != "filters");
    let mut normal = json!({ "name": name, "in": place, "required": required, "schema": schema });
    if place == "query" {
        put(&mut normal, "style", "form".into());
        put(&mut normal, "explode", true.into());
    }
    Ok(normal)
}
