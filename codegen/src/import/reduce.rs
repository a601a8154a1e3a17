//! Reduces a description to paths, parameters, bodies, answers and schemas, without their prose.

mod content;
mod part;
mod schema;

use serde_json::{Map, Value};

use content::{parameter, request_body, response};
use part::{Fault, Reduce, Reduced, fault, is_extension, keep, map, object};
use schema::schema;

/// Methods of a path item.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

pub(super) fn description(upstream: &Value) -> Reduced {
    let mut out = Map::new();
    keep(upstream, &["openapi"], &mut out);
    let mut info = Map::new();
    if let Some(given) = upstream.get("info") {
        keep(given, &["title", "version"], &mut info);
    }
    out.insert("info".to_owned(), Value::Object(info));
    out.insert("paths".to_owned(), paths(upstream)?);
    if let Some(given) = upstream.get("components") {
        let components = components(given)?;
        if !components.is_empty() {
            out.insert("components".to_owned(), Value::Object(components));
        }
    }
    Ok(Value::Object(out))
}

fn components(given: &Value) -> Result<Map<String, Value>, Fault> {
    let sections: [(&str, Reduce); 4] = [
        ("schemas", schema),
        ("parameters", parameter),
        ("requestBodies", request_body),
        ("responses", response),
    ];
    let mut out = Map::new();
    for (section, each) in sections {
        if let Some(given) = given.get(section) {
            let reduced = map(given, &format!("components {section}"), each)?;
            out.insert(section.to_owned(), reduced);
        }
    }
    Ok(out)
}

fn paths(upstream: &Value) -> Reduced {
    let place = "paths";
    let given = upstream
        .get("paths")
        .and_then(Value::as_object)
        .filter(|paths| !paths.is_empty())
        .ok_or_else(|| fault(place, "an object of paths has to stand here"))?;
    let mut out = Map::new();
    for (path, item) in given.iter().filter(|(path, _)| !is_extension(path)) {
        let place = format!("{place} {path}");
        if !path.starts_with('/') {
            return Err(fault(&place, "a path has to begin with a slash"));
        }
        let operations = path_item(item, &place)?;
        if !operations.is_empty() {
            out.insert(path.clone(), Value::Object(operations));
        }
    }
    Ok(Value::Object(out))
}

fn path_item(item: &Value, place: &str) -> Result<Map<String, Value>, Fault> {
    let given = object(item, place)?;
    if given.contains_key("$ref") {
        return Err(fault(
            place,
            "a path item by $ref is not read: write it out",
        ));
    }
    let shared = given.get("parameters");
    let mut out = Map::new();
    for method in METHODS {
        if let Some(given) = given.get(method) {
            let place = format!("{place} {method}");
            out.insert(method.to_owned(), operation(given, shared, &place)?);
        }
    }
    Ok(out)
}

fn operation(given: &Value, shared: Option<&Value>, place: &str) -> Reduced {
    object(given, place)?;
    let mut out = Map::new();
    keep(given, &["operationId", "deprecated"], &mut out);
    if !out.get("operationId").is_some_and(Value::is_string) {
        return Err(fault(place, "an operationId has to stand here"));
    }
    let mut parameters = parameter_list(given.get("parameters"), place)?;
    for common in parameter_list(shared, place)? {
        // OpenAPI 3, Path Item: an operation can override a parameter, but not remove it.
        if !parameters.iter().any(|own| same_parameter(own, &common)) {
            parameters.push(common);
        }
    }
    if !parameters.is_empty() {
        out.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some(body) = given.get("requestBody") {
        let place = format!("{place} requestBody");
        out.insert("requestBody".to_owned(), request_body(body, &place)?);
    }
    if let Some(answers) = given.get("responses") {
        let place = format!("{place} responses");
        out.insert("responses".to_owned(), map(answers, &place, response)?);
    }
    Ok(Value::Object(out))
}

fn same_parameter(one: &Value, other: &Value) -> bool {
    ["name", "in", "$ref"]
        .iter()
        .all(|key| one.get(key) == other.get(key))
}

fn parameter_list(given: Option<&Value>, place: &str) -> Result<Vec<Value>, Fault> {
    let Some(given) = given else {
        return Ok(Vec::new());
    };
    let place = format!("{place} parameters");
    let list = given
        .as_array()
        .ok_or_else(|| fault(&place, "a list has to stand here"))?;
    let numbered = list.iter().enumerate();
    numbered
        .map(|(number, given)| parameter(given, &format!("{place} {number}")))
        .collect()
}
