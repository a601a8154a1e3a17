//! JSON Schemas of tools: strict for arguments, lenient for results.

use serde_json::{Map, Value, json};

use crate::manifest::{Field, Make, Manifest, Tool};

/// The schema of a tool's arguments.
pub fn input(manifest: &Manifest, tool: &Tool) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for argument in &tool.arguments {
        let Some(format) = manifest.formats.get(&argument.format) else {
            continue;
        };
        let mut schema = format.schema();
        if let (Some(about), Some(members)) = (&argument.about, schema.as_object_mut()) {
            members.insert("description".into(), about.as_str().into());
        }
        properties.insert(argument.name.clone(), schema);
        if argument.required {
            required.push(Value::from(argument.name.as_str()));
        }
    }
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let (false, Some(members)) = (required.is_empty(), schema.as_object_mut()) {
        members.insert("required".into(), required.into());
    }
    schema
}

/// The schema of a tool's result: every property may be null, and none is required. Some clients
/// hold an error's content against it too, and show the error only when it fits.
pub fn output(tool: &Tool) -> Value {
    let mut properties = fields(&tool.output.fields);
    if tool.output.link.is_some() {
        properties.insert("url".into(), nullable("string"));
    }
    let mut schema = match tool.output.rows {
        Some(_) => {
            let item = json!({ "type": "object", "properties": properties });
            json!({
                "type": "object",
                "properties": {
                    "items": { "type": "array", "items": item },
                    "total": nullable("integer"),
                    "page": { "type": "integer" },
                    "has_more": { "type": "boolean" },
                    "dropped": nullable("integer"),
                    "note": nullable("string"),
                },
            })
        }
        None => json!({ "type": "object", "properties": properties }),
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties
            .entry("note")
            .or_insert_with(|| nullable("string"));
        properties.insert("truncated".into(), json!({ "type": ["object", "null"] }));
    }
    schema
}

fn fields(list: &[Field]) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut untrusted = Map::new();
    for field in list {
        let place = if field.untrusted {
            &mut untrusted
        } else {
            &mut properties
        };
        place.insert(field.name.clone(), field_schema(field));
    }
    if !untrusted.is_empty() {
        let schema = json!({ "type": ["object", "null"], "properties": untrusted });
        properties.insert("untrusted".into(), schema);
    }
    properties
}

fn field_schema(field: &Field) -> Value {
    match &field.make {
        Make::Object(inner) => json!({ "type": ["object", "null"], "properties": fields(inner) }),
        Make::Pick { fields: inner, .. } => json!({
            "type": ["array", "null"],
            "items": { "type": "object", "properties": fields(inner) },
        }),
        make => match make.kind().or(field.kind.as_deref()) {
            Some(kind) => nullable(kind),
            None => json!({}),
        },
    }
}

fn nullable(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}
