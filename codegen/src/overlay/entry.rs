//! Entries that add an operation or correct one.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::route::route;
use crate::document::{Document, without_names};

/// An operation that the description lacks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Add {
    /// Its id.
    operation: String,
    /// Method and path.
    at: String,
    /// Media types of its answers.
    #[serde(default)]
    answers: Vec<String>,
    /// Parameters of query and header, as OpenAPI writes them; those of the path are known.
    #[serde(default)]
    parameters: Vec<Value>,
    /// The schema of its body by media type.
    #[serde(default)]
    body: Map<String, Value>,
    /// Why it is needed.
    #[serde(rename = "reason")]
    _reason: String,
}

/// A value at a JSON pointer inside an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    /// Method and path.
    at: String,
    /// Where in it.
    pointer: String,
    /// What stands there.
    value: Value,
    /// Why it is needed.
    #[serde(rename = "reason")]
    _reason: String,
}

impl Add {
    pub(super) fn apply(self, document: &mut Document, line: &str) -> Result<(), String> {
        let Self {
            operation,
            at,
            answers,
            parameters,
            body,
            ..
        } = self;
        let Some((method, path)) = route(&at) else {
            return Err(format!("`at` takes a method and a path, not \"{at}\""));
        };
        let shape = (method, without_names(&path));
        if document.operations().any(|known| known.shape() == shape) {
            return Err(format!(
                "{at} has no effect: Kestra {line} describes it; remove the entry"
            ));
        }
        let names = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let in_path = |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
        let all: Vec<Value> = names.map(in_path).chain(parameters).collect();
        let content = |(kind, schema)| (kind, json!({ "schema": schema }));
        let answers: Map<String, Value> =
            answers.into_iter().map(|kind| (kind, json!({}))).collect();
        let mut value = json!({
            "operationId": operation,
            "parameters": all,
            "responses": { "2XX": { "content": answers } },
        });
        if let (false, Some(members)) = (body.is_empty(), value.as_object_mut()) {
            let content: Map<String, Value> = body.into_iter().map(content).collect();
            members.insert(
                "requestBody".to_owned(),
                json!({ "required": true, "content": content }),
            );
        }
        if let Some(paths) = document
            .json
            .get_mut("paths")
            .and_then(Value::as_object_mut)
        {
            let item = paths.entry(path).or_insert_with(|| json!({}));
            if let Some(item) = item.as_object_mut() {
                item.insert(method.lower().to_owned(), value);
            }
        }
        Ok(())
    }
}

impl Set {
    pub(super) fn apply(self, document: &mut Document, line: &str) -> Result<(), String> {
        let Self {
            at, pointer, value, ..
        } = self;
        let found = route(&at).and_then(|(method, path)| {
            document
                .json
                .get_mut("paths")?
                .get_mut(path)?
                .get_mut(method.lower())
        });
        let Some(operation) = found else {
            return Err(format!(
                "{at} has no effect: Kestra {line} has no such operation"
            ));
        };
        if operation.pointer(&pointer) == Some(&value) {
            Err(format!(
                "{at}{pointer} has no effect: the description already says so; remove the entry"
            ))
        } else if put(operation, &pointer, value) {
            Ok(())
        } else {
            Err(format!("{at} has nothing at {pointer}"))
        }
    }
}

/// Replaces, or adds as a member of an existing object.
fn put(operation: &mut Value, pointer: &str, value: Value) -> bool {
    if let Some(place) = operation.pointer_mut(pointer) {
        *place = value;
        return true;
    }
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    match operation.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.replace("~1", "/").replace("~0", "~"), value);
            true
        }
        Some(Value::Array(items)) if name == "-" => {
            items.push(value);
            true
        }
        _ => false,
    }
}
