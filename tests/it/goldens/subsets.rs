//! Input schemas reach models through providers, each of which publishes the subset of JSON Schema
//! that it supports. Other keywords are dropped silently, or make the provider refuse the whole
//! list.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::folder;

/// The subset that a provider supports.
struct Subset {
    provider: &'static str,
    /// Where the provider documents it; read in 2026.
    source: &'static str,
    /// Supported keywords.
    takes: &'static [&'static str],
    /// Keywords that its own libraries move into the description.
    tells: &'static [&'static str],
}

const SUBSETS: &[Subset] = &[
    // Without `strict` no keyword is refused; the documented ones reach the model.
    // `default` is refused only under `strict`.
    Subset {
        provider: "OpenAI",
        source: "platform.openai.com/docs/guides/function-calling, \
                 platform.openai.com/docs/guides/structured-outputs#supported-schemas",
        takes: &[
            "type",
            "description",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "anyOf",
            "$ref",
            "$defs",
            "pattern",
            "format",
            "multipleOf",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "minItems",
            "maxItems",
            "default",
        ],
        tells: &[],
    },
    // The fields of `Schema` (`parameters`) and the keywords of `parametersJsonSchema`.
    Subset {
        provider: "Gemini",
        source: "ai.google.dev/api/caching#Schema, ai.google.dev/gemini-api/docs/structured-output",
        takes: &[
            "type",
            "format",
            "title",
            "description",
            "nullable",
            "enum",
            "maxItems",
            "minItems",
            "properties",
            "required",
            "minProperties",
            "maxProperties",
            "minLength",
            "maxLength",
            "pattern",
            "example",
            "anyOf",
            "propertyOrdering",
            "default",
            "items",
            "minimum",
            "maximum",
            "additionalProperties",
            "prefixItems",
            "oneOf",
            "$ref",
            "$defs",
            "$id",
            "$anchor",
        ],
        tells: &[],
    },
    Subset {
        provider: "Anthropic",
        source: "platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations",
        takes: &[
            "type",
            "description",
            "enum",
            "const",
            "default",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "minItems",
            "anyOf",
            "allOf",
            "$ref",
            "$defs",
            "definitions",
            "format",
            "pattern",
        ],
        tells: &[
            "minimum",
            "maximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "maxItems",
        ],
    },
];

/// Syntax of regular expressions that not every provider compiles.
const RICH: &[&str] = &["(?", "\\b", "\\1", "\\p"];

/// The faults of a tool's input schema.
fn faults(schema: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if schema["type"] != "object" || !schema["properties"].is_object() {
        faults.push("the arguments are no object with properties".to_owned());
    }
    if schema["additionalProperties"] != json!(false) {
        faults.push("unknown arguments are let through".to_owned());
    }
    look(schema, "", &mut faults);
    faults
}

fn look(schema: &Value, place: &str, faults: &mut Vec<String>) {
    let mut found = Vec::new();
    let mut fault = |what: &str| found.push(format!("{place}: {what}"));
    let members = schema
        .as_object()
        .unwrap_or_else(|| panic!("{place}: {schema}"));
    for keyword in members.keys().map(String::as_str) {
        for Subset {
            provider,
            source,
            takes,
            tells,
        } in SUBSETS
        {
            if !takes.contains(&keyword) && !tells.contains(&keyword) {
                fault(&format!("{provider} does not take {keyword} ({source})"));
            }
        }
    }
    let kind = schema["type"].as_str().unwrap_or_default();
    // Gemini does not support a list of types, and nothing here may be null.
    if !["string", "integer", "number", "boolean", "array", "object"].contains(&kind) {
        fault("it has not one type");
    }
    if kind == "array" && schema["items"]["type"].as_str().is_none() {
        fault("a list says not what is in it");
    }
    if let Some(words) = schema.get("enum")
        && (kind != "string"
            || !words
                .as_array()
                .is_some_and(|words| words.iter().all(Value::is_string)))
    {
        fault("words of an enumeration are texts");
    }
    if let Some(pattern) = schema["pattern"].as_str()
        && (!pattern.starts_with('^')
            || !pattern.ends_with('$')
            || RICH.iter().any(|part| pattern.contains(part)))
    {
        fault("a pattern is plain, and about the whole text");
    }
    let open = schema.get("additionalProperties");
    if open.is_some_and(|open| *open != json!(false) && *open != json!({ "type": "string" })) {
        fault("other members are texts, or there are none");
    }
    let properties = || schema["properties"].as_object().into_iter().flatten();
    for (name, _) in properties() {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            fault("a name has 1 to 64 letters, digits, underscores, dots and hyphens");
        }
    }
    faults.append(&mut found);
    for (name, inner) in properties() {
        look(inner, &format!("{place}/{name}"), faults);
    }
    if let Some(items) = schema.get("items") {
        look(items, &format!("{place}[]"), faults);
    }
}

/// The input schemas in the goldens, by tool and line or setting.
fn goldens() -> BTreeMap<String, Value> {
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.collect::<Vec<_>>()
    };
    let mut schemas = BTreeMap::new();
    for file in files(&folder().join("tools")) {
        for (line, tool) in read(&file).as_object().unwrap() {
            let name = format!("{} {line}", tool["name"].as_str().unwrap());
            schemas.insert(name, tool["inputSchema"].clone());
        }
    }
    for setting in files(&folder().join("under")) {
        for file in files(&setting) {
            schemas.insert(
                file.display().to_string(),
                read(&file)["inputSchema"].clone(),
            );
        }
    }
    schemas
}

#[test]
fn every_golden_schema_of_arguments_is_in_the_subset_of_every_provider() {
    let schemas = goldens();
    assert!(schemas.len() > 28, "{}", schemas.len());
    for (name, schema) in &schemas {
        assert_eq!(faults(schema), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn labels_are_typed_and_inputs_have_an_example() {
    let mut seen = 0;
    for (name, schema) in goldens() {
        if let Some(labels) = schema["properties"].get("labels") {
            assert_eq!(
                labels["additionalProperties"],
                json!({ "type": "string" }),
                "{name}"
            );
            seen += 1;
        }
        if let Some(inputs) = schema["properties"].get("inputs") {
            let about = inputs["description"].as_str().unwrap();
            let begin = about.find('{').unwrap();
            let mut values =
                serde_json::Deserializer::from_str(&about[begin..]).into_iter::<Value>();
            let example = values.next().unwrap().unwrap();
            assert!(
                example
                    .as_object()
                    .is_some_and(|example| !example.is_empty()),
                "{name}: {about}"
            );
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn a_schema_outside_the_subset_is_found() {
    let arguments = |inner: Value| json!({ "type": "object", "properties": { "a": inner }, "additionalProperties": false });
    assert_eq!(
        faults(&arguments(json!({ "type": "string" }))),
        Vec::<String>::new()
    );
    for bad in [
        json!({ "type": "string", "maxLength": 200 }),
        json!({ "type": "object", "maxProperties": 50 }),
        json!({ "type": "string", "writeOnly": true }),
        json!({ "type": ["string", "null"] }),
        json!({ "description": "anything" }),
        json!({ "type": "array" }),
        json!({ "type": "array", "items": {} }),
        json!({ "type": "integer", "enum": [1, 2] }),
        json!({ "type": "string", "pattern": "a" }),
        json!({ "type": "string", "pattern": "^(?!a)b$" }),
        json!({ "type": "object", "additionalProperties": true }),
        json!({ "type": "object", "properties": { "a b": { "type": "string" } } }),
        json!({ "oneOf": [{ "type": "string" }] }),
        json!({ "$ref": "#/$defs/a" }),
    ] {
        assert!(!faults(&arguments(bad.clone())).is_empty(), "{bad}");
    }
    let open = json!({ "type": "object", "properties": {} });
    assert!(!faults(&open).is_empty());
}
