//! Assertions about the answers of tools.

use kestra_mcp::generated;
use kestra_mcp::tool::Line;
use serde_json::{Value, json};

/// Holds `answer` against `expected`: each key is the name of a member, or a JSON pointer to
/// one deeper inside; `null` is for a member that is absent.
#[track_caller]
pub(crate) fn has(answer: &Value, expected: Value) {
    let Value::Object(expected) = expected else {
        panic!("not an object: {expected}");
    };
    for (key, wanted) in expected {
        let found = if key.starts_with('/') {
            answer.pointer(&key)
        } else {
            answer.get(&key)
        };
        let wanted = Some(&wanted).filter(|wanted| !wanted.is_null());
        assert_eq!(found, wanted, "`{key}` of {answer}");
    }
}

/// Holds that `value` is a text with `part` in it.
#[track_caller]
pub(crate) fn mentions(value: &Value, part: &str) {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"));
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}

/// Holds an answer against the output schema of its tool, which describes every field of it.
pub(super) fn fits(line: Line, tool: &str, answer: &Value) {
    let mut tools = generated::tools(line).iter();
    let tool = tools.find(|known| known.name == tool).unwrap();
    let mut schema: Value = serde_json::from_str(tool.output_schema).unwrap();
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(answer)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{}: {faults:?}\n{answer}", tool.name);
}

/// Allows nothing beyond what `schema` describes, except in an error, whose members depend on its
/// code.
fn close(schema: &mut Value) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (_, inner) in properties.iter_mut().filter(|(name, _)| *name != "error") {
            close(inner);
        }
        schema["additionalProperties"] = json!(false);
    }
    if let Some(items) = schema.get_mut("items") {
        close(items);
    }
}

/// Holds that `value` has no nulls, and no empty lists or objects except the list of items itself.
pub(super) fn tidy(value: &Value) {
    match value {
        Value::Null => panic!("a null in an answer"),
        Value::Array(items) => items.iter().for_each(tidy),
        Value::Object(members) => {
            for (key, member) in members {
                // What a flow itself returned may be anything.
                if key == "untrusted" {
                    continue;
                }
                let empty = member.as_array().is_some_and(Vec::is_empty) && key != "items"
                    || member.as_object().is_some_and(serde_json::Map::is_empty);
                assert!(!empty, "an empty `{key}` in an answer");
                tidy(member);
            }
        }
        _ => {}
    }
}
