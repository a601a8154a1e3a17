//! Accessors for the parts of a flow's source.

use crate::yaml::Node;

/// The properties of a flow that hold tasks.
pub(super) const TASK_LISTS: [&str; 4] = ["tasks", "errors", "finally", "afterExecution"];

/// The properties of a task that hold tasks.
const CHILD_LISTS: [&str; 6] = ["tasks", "then", "else", "defaults", "errors", "finally"];

/// The child tasks of a task, by property.
pub(super) fn children(task: &Node) -> Vec<(String, Vec<&Node>)> {
    let kind = task
        .get("type")
        .and_then(Node::non_null_text)
        .unwrap_or_default();
    let holds = kind.contains(".flow.") || kind.contains(".tasks.flows.");
    if !holds || kind.ends_with(".Subflow") || kind.ends_with(".ForEachItem") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for property in CHILD_LISTS {
        if let Some(list) = task.get(property) {
            let inner = list.items().iter();
            let tasks = inner.map(|task| task.get("task").unwrap_or(task)).collect();
            found.push((property.to_owned(), tasks));
        }
    }
    for (case, tasks) in task.get("cases").map_or(&[][..], Node::entries) {
        found.push((format!("cases[{case}]"), tasks.items().iter().collect()));
    }
    found
}

/// The labels of a flow, which are a list or a mapping, with resolved scalars.
pub(super) fn labels(flow: &Node) -> Vec<(Option<String>, Option<String>)> {
    let Some(labels) = flow.get("labels") else {
        return Vec::new();
    };
    let of = |label: &Node, key: &str| label.get(key).and_then(Node::resolved_text);
    let listed = labels.items().iter();
    listed
        .map(|label| (of(label, "key"), of(label, "value")))
        .chain(labels.entries().iter().map(|(key, value)| {
            let key = Some(key.clone());
            (key, value.resolved_text())
        }))
        .collect()
}

/// The id of an input, which used to be called `name`.
pub(super) fn input_id(input: &Node) -> Option<String> {
    let of = |key: &str| input.get(key).and_then(Node::resolved_text);
    of("id").or_else(|| of("name"))
}
