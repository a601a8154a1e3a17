//! Drops what is prose or none of our business; keeps paths, parameters, bodies, answers, schemas.

use serde_json::{Map, Value};

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

/// Methods of a path item.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A part that is missing or of another kind.
pub(super) struct Fault {
    pub(super) place: String,
    pub(super) expected: &'static str,
}

type Reduced = Result<Value, Fault>;

/// Reduces what stands at the place.
type Reduce = fn(&Value, &str) -> Reduced;

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

fn parameter(given: &Value, place: &str) -> Reduced {
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

fn request_body(given: &Value, place: &str) -> Reduced {
    object(given, place)?;
    let mut out = Map::new();
    keep(given, &["$ref", "required"], &mut out);
    schema_and_content(given, place, &mut out)?;
    Ok(Value::Object(out))
}

fn response(given: &Value, place: &str) -> Reduced {
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

fn schema(given: &Value, place: &str) -> Reduced {
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

fn map(given: &Value, place: &str, each: Reduce) -> Reduced {
    let mut out = Map::new();
    for (name, inner) in object(given, place)? {
        out.insert(name.clone(), each(inner, &format!("{place} {name}"))?);
    }
    Ok(Value::Object(out))
}

fn keep(given: &Value, keys: &[&str], out: &mut Map<String, Value>) {
    for key in keys {
        if let Some(value) = given.get(key) {
            out.insert((*key).to_owned(), value.clone());
        }
    }
}

fn object<'a>(given: &'a Value, place: &str) -> Result<&'a Map<String, Value>, Fault> {
    given
        .as_object()
        .ok_or_else(|| fault(place, "an object has to stand here"))
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

fn fault(place: &str, expected: &'static str) -> Fault {
    Fault {
        place: place.to_owned(),
        expected,
    }
}
