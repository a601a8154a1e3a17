//! The rules for a flow as a whole (Kestra's `FlowValidator`).

use super::{
    part::{TASK_LISTS, children, input_id, labels},
    reference::references,
};
use crate::{plugin, settings::Dialect, yaml::Node};

/// Ids that 1.3 reserves for its routes.
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

/// All violations in one message, if there are any.
pub(super) fn violations_of(flow: &Node, dialect: Dialect) -> Option<String> {
    let found = violations(flow, dialect);
    (!found.is_empty()).then(|| format!("Invalid Flow: {}", found.join(", ")))
}

fn violations(flow: &Node, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    let text = |key: &str| {
        flow.get(key)
            .and_then(Node::resolved_text)
            .unwrap_or_default()
    };
    let list = |key: &str| flow.get(key).map_or(&[][..], Node::items);
    let (id, namespace) = (text("id"), text("namespace"));
    if !dialect.is_v2() && RESERVED.contains(&id.as_str()) {
        found.push(format!(
            "Flow id is a reserved keyword: {id}. List of reserved keywords: {}",
            RESERVED.join(", ")
        ));
    }
    let mut tasks = Vec::new();
    for of in TASK_LISTS {
        for task in list(of) {
            collect(task, &mut tasks);
        }
    }
    let ids = |nodes: &[&Node]| -> Vec<String> {
        nodes
            .iter()
            .filter_map(|node| node.get("id")?.resolved_text())
            .collect()
    };
    let all = |key: &str| ids(&list(key).iter().collect::<Vec<_>>());
    let inputs: Vec<String> = list("inputs").iter().filter_map(input_id).collect();
    duplicates("task id", &ids(&tasks), &mut found);
    duplicates("trigger id", &all("triggers"), &mut found);
    for task in tasks.iter().filter(|task| starts_flow(task, dialect)) {
        let of = |key: &str| {
            task.get(key)
                .and_then(Node::resolved_text)
                .unwrap_or_default()
        };
        if of("flowId") == id && of("namespace") == namespace {
            found.push(format!("Recursive call to flow [{namespace}.{id}]"));
        }
    }
    duplicates("input", &inputs, &mut found);
    dependencies(list("inputs"), &mut found);
    duplicates("output", &all("outputs"), &mut found);
    if dialect.is_v2() {
        missing_schedule_inputs(list("inputs"), list("triggers"), dialect, &mut found);
    }
    for (key, value) in labels(flow) {
        let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
        if key.starts_with("system.") && key != "system.readOnly" {
            found.push(format!(
                "System labels can only be set by Kestra itself, offending label: {key}={value}"
            ));
        }
    }
    references(&inputs, &tasks, list("outputs"), &mut found);
    found
}

/// Collects a task and its descendants.
fn collect<'a>(task: &'a Node, all: &mut Vec<&'a Node>) {
    all.push(task);
    for (_, tasks) in children(task) {
        for task in tasks {
            collect(task, all);
        }
    }
}

/// Whether a task starts a flow.
fn starts_flow(task: &Node, dialect: Dialect) -> bool {
    let kind = task
        .get("type")
        .and_then(Node::non_null_text)
        .unwrap_or_default();
    let kind = plugin::resolve(kind, dialect).unwrap_or_default();
    kind.ends_with(".flow.Subflow") || kind.ends_with(".flow.ForEachItem")
}

/// Adds a violation for repeated ids.
fn duplicates(what: &str, ids: &[String], found: &mut Vec<String>) {
    let mut repeated: Vec<&str> = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let again = ids.iter().skip(at + 1).any(|other| other == id);
        if again && !repeated.contains(&id.as_str()) {
            repeated.push(id);
        }
    }
    if !repeated.is_empty() {
        let list = repeated.join(", ");
        found.push(format!("Duplicate {what} with name [{list}]"));
    }
}

/// Adds violations for dependencies on unknown inputs and for cyclic ones.
fn dependencies(inputs: &[Node], found: &mut Vec<String>) {
    let graph: Vec<(String, Vec<String>)> = inputs
        .iter()
        .filter_map(|input| {
            let needed = input.get("dependsOn").and_then(|on| on.get("inputs"));
            let needed = needed.map_or(&[][..], Node::items).iter();
            Some((
                input_id(input)?,
                needed.filter_map(Node::resolved_text).collect(),
            ))
        })
        .collect();
    let needs = |id: &str| graph.iter().find(|(name, _)| name == id);
    for (id, needed) in &graph {
        for other in needed.iter().filter(|other| needs(other).is_none()) {
            found.push(format!(
                "Input with id '{id}' depends on a non-existent input '{other}'."
            ));
        }
        if let Some(cycle) = cycle(id, &graph, &mut Vec::new()) {
            let cycle = cycle.join(", ");
            found.push(format!(
                "Cycle dependency detected for input with id '{id}': [{cycle}]"
            ));
        }
    }
}

/// The first dependency cycle reachable from an input.
fn cycle(id: &str, graph: &[(String, Vec<String>)], path: &mut Vec<String>) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|seen| seen == id) {
        return path.get(start..).map(<[String]>::to_vec);
    }
    let (_, needed) = graph.iter().find(|(name, _)| name == id)?;
    path.push(id.to_owned());
    let found = needed.iter().find_map(|other| cycle(other, graph, path));
    path.pop();
    found
}

/// Adds violations for inputs without a default that a schedule does not set, whether or not they
/// are required.
fn missing_schedule_inputs(
    inputs: &[Node],
    triggers: &[Node],
    dialect: Dialect,
    found: &mut Vec<String>,
) {
    let given = |node: &Node, key: &str| node.get(key).is_some_and(|value| !value.is_null());
    for trigger in triggers {
        let kind = trigger
            .get("type")
            .and_then(Node::non_null_text)
            .unwrap_or_default();
        let kind = plugin::resolve(kind, dialect).unwrap_or_default();
        if !kind.ends_with(".trigger.Schedule") {
            continue;
        }
        let values = trigger.get("inputs");
        let missing: Vec<String> = inputs
            .iter()
            .filter(|input| !given(input, "defaults"))
            .filter_map(input_id)
            .filter(|id| values.is_none_or(|values| values.get(id).is_none()))
            .collect();
        if !missing.is_empty() {
            let id = trigger
                .get("id")
                .and_then(Node::resolved_text)
                .unwrap_or_default();
            let missing = missing.join(" | ");
            found.push(format!(
                "Missing inputs for Schedule Trigger '{id}', missing inputs: '{missing}'"
            ));
        }
    }
}
