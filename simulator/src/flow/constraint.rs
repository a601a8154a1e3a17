//! Constraints of a flow that deserialises.

use regex::Regex;
use serde_json::{Map, Value};

use super::Invalid;
use crate::{settings::Dialect, yaml::Node};

const RESERVED: [&str; 10] = [
    "pause",
    "resume",
    "force-run",
    "change-status",
    "kill",
    "executions",
    "search",
    "source",
    "disable",
    "enable",
];

/// The constraints of a flow.
pub(crate) fn check(
    fields: &Map<String, Value>,
    node: &Node,
    dialect: Dialect,
) -> Result<(), Invalid> {
    let mut found = Vec::new();
    let mut add = |path: &str, message: String| found.push((path.to_owned(), message));
    for (key, pattern) in [
        ("id", "^[a-zA-Z0-9][a-zA-Z0-9._-]*"),
        ("namespace", "^[a-z0-9][a-z0-9._-]*"),
    ] {
        match node
            .get(key)
            .and_then(Node::text)
            .filter(|text| !text.is_empty())
        {
            None => add(key, "must not be null".to_owned()),
            Some(text) => {
                let whole = Regex::new(&format!("{pattern}$"));
                if !whole.is_ok_and(|regex| regex.is_match(text)) {
                    add(key, format!("must match \"{pattern}\""));
                }
            }
        }
    }
    let tasks = fields
        .get("tasks")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if tasks.is_empty() {
        add("tasks", "must not be empty".to_owned());
    }
    let mut ids = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        if super::text(task, "id").is_empty() {
            add(&format!("tasks[{at}].id"), "must not be null".to_owned());
        }
        collect(task, &mut ids);
    }
    ids.sort();
    let twice: Vec<&str> = ids
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if a == b && !a.is_empty() => Some(a.as_str()),
            _ => None,
        })
        .collect();
    if let Some(id) = twice.first() {
        add(
            "",
            format!("Invalid Flow: Duplicate task id with name [{id}]"),
        );
    }
    let id = node.get("id").and_then(Node::text).unwrap_or_default();
    if !dialect.is_v2() && RESERVED.contains(&id) {
        add(
            "",
            format!(
                "Invalid Flow: Flow id is a reserved keyword: {id}. List of reserved keywords: {}",
                RESERVED.join(", ")
            ),
        );
    }
    if dialect.is_v2() {
        schedules(fields, &mut add);
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Invalid::Constraints(found))
    }
}

fn schedules(fields: &Map<String, Value>, add: &mut impl FnMut(&str, String)) {
    let list = |key: &str| {
        fields
            .get(key)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
    };
    for trigger in list("triggers") {
        if super::text(trigger, "type") != "io.kestra.plugin.core.trigger.Schedule" {
            continue;
        }
        let missing: Vec<&str> = list("inputs")
            .iter()
            .filter(|input| input.get("required") == Some(&Value::Bool(true)))
            .filter(|input| input.get("defaults").is_none())
            .map(|input| super::text(input, "id"))
            .filter(|id| {
                trigger
                    .get("inputs")
                    .is_none_or(|given| given.get(id).is_none())
            })
            .collect();
        if !missing.is_empty() {
            let (id, missing) = (super::text(trigger, "id"), missing.join("', '"));
            add(
                " Invalid Flow",
                format!(
                    "Missing inputs for Schedule Trigger '{id}', missing inputs: \
                     '{missing}'"
                ),
            );
        }
    }
}

fn collect(task: &Value, ids: &mut Vec<String>) {
    ids.push(super::text(task, "id").to_owned());
    for list in ["tasks", "then", "else", "errors", "finally"] {
        for child in task
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            collect(child, ids);
        }
    }
}
