//! Flows in response bodies.

use serde_json::{Map, Value, json};

use super::part;
use crate::{
    plugin,
    settings::Dialect,
    yaml::{Content, Node},
};

/// Fields that are taken from the stored revision instead of the source.
const NOT_FROM_SOURCE: [&str; 4] = ["revision", "source", "deleted", "updated"];

/// Whether a property of a task or trigger has its default value and is therefore omitted.
fn is_default(key: &str, value: &Value) -> bool {
    match key {
        "wait" | "transmitFailed" => *value == json!(true),
        "disabled" => *value == json!(false),
        "level" => *value == json!("INFO"),
        _ => false,
    }
}

/// The fields of a flow.
pub(super) fn fields(flow: &Node, dialect: Dialect) -> Map<String, Value> {
    let mut fields = Map::new();
    for (key, node) in flow.entries() {
        if NOT_FROM_SOURCE.contains(&key.as_str()) {
            continue;
        }
        let value = match key.as_str() {
            "id" | "namespace" => text(node),
            "inputs" => list(node, |input| self::input(input, dialect)),
            "triggers" => list(node, |trigger| object(trigger, dialect)),
            "labels" => part::labels(flow)
                .into_iter()
                .map(|(key, value)| json!({"key": key, "value": value}))
                .collect(),
            key if part::TASK_LISTS.contains(&key) => list(node, |task| object(task, dialect)),
            _ => node.value(),
        };
        fields.insert(key.clone(), value);
    }
    if let Some(defaults) = fields.get("taskDefaults").cloned() {
        fields.insert("pluginDefaults".to_owned(), defaults);
    }
    fields.entry("disabled").or_insert(Value::Bool(false));
    fields
}

/// A scalar, resolved.
fn text(node: &Node) -> Value {
    node.resolved_text().map_or(Value::Null, Value::String)
}

fn list(node: &Node, show: impl Fn(&Node) -> Value) -> Value {
    match &node.content {
        Content::Seq(items) => items.iter().map(show).collect(),
        _ => node.value(),
    }
}

fn input(input: &Node, dialect: Dialect) -> Value {
    let Value::Object(mut fields) = input.value() else {
        return input.value();
    };
    if !dialect.is_v2() {
        fields.remove("name");
    }
    if let Some(id) = part::input_id(input) {
        // Only a number with an exponent keeps its text.
        let number = fields.get("id").is_some_and(Value::is_f64);
        let text = input.get("id").and_then(Node::text).filter(|_| number);
        fields.insert("id".to_owned(), json!(text.unwrap_or(&id)));
    }
    fields.entry("required").or_insert(Value::Bool(true));
    let kind = input
        .get("type")
        .and_then(Node::non_null_text)
        .unwrap_or_default();
    let absent: &[(&str, Value)] = match kind {
        "SELECT" => &[
            ("allowCustomValue", json!(false)),
            ("isRadio", json!(false)),
            ("autoSelectFirst", json!(false)),
        ],
        "MULTISELECT" => &[
            ("allowCustomValue", json!(false)),
            ("itemType", json!("STRING")),
            ("autoSelectFirst", json!(false)),
        ],
        _ => &[],
    };
    for (key, value) in absent {
        fields.entry(*key).or_insert_with(|| value.clone());
    }
    if let Some(inner) = input.get("inputs") {
        let inner = list(inner, |inner| self::input(inner, dialect));
        fields.insert("inputs".to_owned(), inner);
    }
    Value::Object(fields)
}

/// An input of a pause task, whose default is shown as a string.
fn pause_input(node: &Node, dialect: Dialect) -> Value {
    let mut shown = input(node, dialect);
    if let Some(default) = shown.get_mut("defaults")
        && !default.is_string()
    {
        *default = json!(default.to_string());
    }
    shown
}

/// A task or trigger, with its child tasks.
fn object(node: &Node, dialect: Dialect) -> Value {
    let Content::Map(pairs) = &node.content else {
        return node.value();
    };
    let holds: Vec<String> = part::children(node)
        .into_iter()
        .map(|(property, _)| property)
        .collect();
    let mut fields = Map::new();
    for (key, node) in pairs {
        let value = match key.as_str() {
            "id" => text(node),
            "type" => {
                let name = node.non_null_text().unwrap_or_default();
                let name = plugin::resolve(name, dialect);
                name.map_or_else(|| node.value(), Value::String)
            }
            // A property that can be an expression is shown as a string.
            "dates" if matches!(node.content, Content::Seq(_)) => node.value().to_string().into(),
            "onResume" => list(node, |inner| pause_input(inner, dialect)),
            "cases" => node
                .entries()
                .iter()
                .map(|(case, tasks)| (case.clone(), list(tasks, |task| object(task, dialect))))
                .collect(),
            key if holds.iter().any(|property| property == key) => {
                list(node, |child| match child.get("task") {
                    Some(task) => {
                        let mut shown = child.value();
                        if let Some(fields) = shown.as_object_mut() {
                            fields.insert("task".to_owned(), object(task, dialect));
                        }
                        shown
                    }
                    None => object(child, dialect),
                })
            }
            _ => node.value(),
        };
        if !is_default(key, &value) {
            fields.insert(key.clone(), value);
        }
    }
    Value::Object(fields)
}
