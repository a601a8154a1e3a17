//! The part of a description that the tools use, and its changes into a form that progenitor
//! takes (docs/adr/0003-byte-stream-answers.md says why answers are opened).

mod normalise;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::{Document, Method};
use normalise::relax;
pub use normalise::{normalise, request};

/// The operations of `routes` with what their requests reach, normalised.
///
/// # Errors
/// A shape that is not in the table of normalisations, with the operation's name.
pub fn slice(
    document: &Document,
    routes: &BTreeSet<(Method, String)>,
) -> Result<Value, Vec<String>> {
    let mut paths: Map<String, Value> = Map::new();
    let mut faults = Vec::new();
    for operation in document.operations() {
        if !routes.contains(&(operation.method, operation.path.clone())) {
            continue;
        }
        match normalise(document, &operation) {
            Ok(value) => {
                let item = paths
                    .entry(operation.path.clone())
                    .or_insert_with(|| json!({}));
                if let Some(item) = item.as_object_mut() {
                    item.insert(operation.method.lower().to_owned(), value);
                }
            }
            Err(fault) => faults.push(format!("{}: {fault}", operation.id)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut schemas = Map::new();
    let mut open = references(&Value::Object(paths.clone()));
    while let Some(name) = open.pop_first() {
        if schemas.contains_key(&name) {
            continue;
        }
        let found = document
            .json
            .pointer("/components/schemas")
            .and_then(|all| all.get(&name));
        let Some(schema) = found else {
            return Err(vec![format!(
                "schema {name} is referred to but not described"
            )]);
        };
        let mut schema = schema.clone();
        relax(&mut schema);
        open.append(&mut references(&schema));
        schemas.insert(name, schema);
    }
    Ok(json!({
        "openapi": "3.0.3",
        "info": { "title": "Kestra", "version": document.line.clone().unwrap_or_default() },
        "paths": paths,
        "components": { "schemas": schemas },
    }))
}

/// Names of the schemas that `value` refers to.
fn references(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value.as_str()) {
                    ("$ref", Some(text)) => {
                        names.extend(
                            text.strip_prefix("#/components/schemas/")
                                .map(str::to_owned),
                        );
                    }
                    _ => names.append(&mut references(value)),
                }
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| names.append(&mut references(item))),
        _ => {}
    }
    names
}
