//! Checks that expressions refer to ids with dashes in bracket notation.

use regex::Regex;

use crate::yaml::Node;

/// Properties of every task, which are not searched for expressions.
const COMMON_PROPERTIES: [&str; 15] = [
    "id",
    "type",
    "version",
    "description",
    "retry",
    "timeout",
    "disabled",
    "workerGroup",
    "workerSelector",
    "logLevel",
    "allowFailure",
    "logToFile",
    "runIf",
    "allowWarning",
    "taskCache",
];

/// Adds a violation for references to ids with dashes that are not in brackets.
pub(super) fn references(
    inputs: &[String],
    tasks: &[&Node],
    outputs: &[Node],
    found: &mut Vec<String>,
) {
    let dashed = |ids: &[String], before: &str, after: &str| -> Vec<Regex> {
        ids.iter()
            .filter(|id| id.contains('-'))
            .filter_map(|id| Regex::new(&format!(r"\{{\{{\s*{before}{id}{after}\s*\}}\}}")).ok())
            .collect()
    };
    let ids: Vec<String> = tasks
        .iter()
        .filter_map(|task| task.get("id")?.resolved_text())
        .collect();
    let of_inputs = dashed(inputs, "inputs.", "");
    let of_outputs = dashed(&ids, r"outputs\.", r"\.[^}]+");
    let mut add = |what: &str, of: &str, nodes: Vec<&Node>| {
        let ids: Vec<String> = nodes
            .iter()
            .map(|node| {
                node.get("id")
                    .and_then(Node::resolved_text)
                    .unwrap_or_default()
            })
            .collect();
        if !ids.is_empty() {
            found.push(format!(
                "Invalid {what} reference: use {what}s[key-name] instead of {what}s.key-name — keys \
                 with dashes require bracket notation, offending {of}: [{}]",
                ids.join(", ")
            ));
        }
    };
    add("input", "tasks", offending(tasks, &of_inputs));
    add("output", "tasks", offending(tasks, &of_outputs));
    let wrong = outputs
        .iter()
        .filter(|output| matches_any(output, &of_outputs));
    add("output", "outputs", wrong.collect());
}

/// The tasks with a match in a property of their own.
fn offending<'a>(tasks: &[&'a Node], patterns: &[Regex]) -> Vec<&'a Node> {
    let own = |task: &Node| {
        let pairs = task.entries().iter();
        pairs
            .filter(|(key, _)| !COMMON_PROPERTIES.contains(&key.as_str()))
            .any(|(_, value)| matches_any(value, patterns))
    };
    tasks.iter().copied().filter(|task| own(task)).collect()
}

/// Whether any text in a node matches a pattern.
fn matches_any(node: &Node, patterns: &[Regex]) -> bool {
    let matches = |text: &str| patterns.iter().any(|pattern| pattern.is_match(text));
    node.text().is_some_and(matches)
        || node.items().iter().any(|item| matches_any(item, patterns))
        || node
            .entries()
            .iter()
            .any(|(_, value)| matches_any(value, patterns))
}
