//! The constraints of the values in a flow, once it could be deserialized.

use super::{
    Invalid,
    bean::Constraint,
    part::{self, input_id, labels},
    validator, zone,
};
use crate::{cron, plugin, settings::Dialect, yaml::Node};

const FLOW_ID: &[Constraint] = &[
    Constraint::NotNull,
    Constraint::NotBlank,
    Constraint::Matches("^[a-zA-Z0-9][a-zA-Z0-9._-]*"),
    Constraint::Size(1, 100),
];
const NAMESPACE: &[Constraint] = &[
    Constraint::NotNull,
    Constraint::Matches("^[a-z0-9][a-z0-9._-]*"),
    Constraint::Size(1, 150),
];
const DATA_ID: &[Constraint] = &[
    Constraint::NotNull,
    Constraint::NotBlank,
    Constraint::Matches("^[a-zA-Z0-9][.a-zA-Z0-9_-]*"),
];
const TASK_ID: &[Constraint] = &[
    Constraint::NotNull,
    Constraint::NotBlank,
    Constraint::Matches("^[a-zA-Z0-9][a-zA-Z0-9_-]*"),
];
const LABEL_KEY: &[Constraint] = &[
    Constraint::NotEmpty,
    Constraint::MatchesWithMessage(
        r"^[\p{Ll}][\p{L}0-9._-]*$",
        "Invalid label key. A valid key contains only lowercase letters numbers hyphens (-) \
         underscores (_) or periods (.) and must begin with a lowercase letter.",
    ),
];

/// Constraints of inputs, by type and property, besides those of ids and types.
const INPUTS: [(&str, &str, &[Constraint]); 2] = [
    ("ARRAY", "itemType", &[Constraint::NotNull]),
    ("ENUM", "values", &[Constraint::NotNull]),
];

/// Types that items of an ARRAY cannot have.
const NO_ITEMS: [&str; 4] = ["ARRAY", "SECRET", "MULTISELECT", "SELECT"];

/// Constraints of tasks and triggers, by type and property, besides those of ids.
const PLUGINS: [(&str, &str, &[Constraint]); 6] = [
    ("core.log.Log", "message", &[Constraint::NotNull]),
    ("core.flow.Sleep", "duration", &[Constraint::NotNull]),
    ("core.flow.Subflow", "namespace", &[Constraint::NotEmpty]),
    ("core.flow.Subflow", "flowId", &[Constraint::NotEmpty]),
    ("core.trigger.Schedule", "cron", &[Constraint::NotNull]),
    ("core.trigger.Webhook", "key", &[Constraint::NotNull]),
];

/// The violations found: path and message.
#[derive(Default)]
struct Violations(Vec<(String, String)>);

/// Checks the constraints of a flow.
pub(super) fn check(flow: &Node, dialect: Dialect) -> Result<(), Invalid> {
    let mut found = Violations::default();
    found.check("id", flow.get("id"), FLOW_ID);
    found.check("namespace", flow.get("namespace"), NAMESPACE);
    found.check("revision", flow.get("revision"), &[Constraint::Min(1)]);
    found.inputs(flow.get("inputs"));
    for (at, output) in items(flow, "outputs") {
        let path = format!("outputs[{at}]");
        found.check(&format!("{path}.id"), output.get("id"), DATA_ID);
        for required in ["value", "type"] {
            let path = format!("{path}.{required}");
            found.check(&path, output.get(required), &[Constraint::NotNull]);
        }
    }
    for (at, (key, value)) in labels(flow).iter().enumerate() {
        found.text(&format!("labels[{at}].key"), key.as_deref(), LABEL_KEY);
        let path = format!("labels[{at}].value");
        found.text(&path, value.as_deref(), &[Constraint::NotEmpty]);
    }
    if let Some(concurrency) = flow.get("concurrency").filter(|node| !node.is_null()) {
        let constraints = &[Constraint::NotNull, Constraint::Min(1)];
        found.check("concurrency.limit", concurrency.get("limit"), constraints);
    }
    if flow
        .get("tasks")
        .is_none_or(|tasks| tasks.items().is_empty())
    {
        found.add("tasks", "must not be empty");
    }
    for list in part::TASK_LISTS {
        for (at, task) in items(flow, list) {
            found.task(&format!("{list}[{at}]"), task, dialect);
        }
    }
    for (at, trigger) in items(flow, "triggers") {
        found.trigger(&format!("triggers[{at}]"), trigger, dialect);
    }
    if let Some(message) = validator::violations_of(flow, dialect) {
        found.add("", &message);
    }
    found.into_result()
}

/// Checks the constraints of a single task or trigger.
pub(super) fn part(node: &Node, is_trigger: bool, dialect: Dialect) -> Result<(), Invalid> {
    let mut found = Violations::default();
    if is_trigger {
        found.trigger("", node, dialect);
    } else {
        found.task("", node, dialect);
    }
    found.into_result()
}

fn items<'a>(node: &'a Node, list: &str) -> impl Iterator<Item = (usize, &'a Node)> {
    node.get(list)
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
}

impl Violations {
    fn into_result(self) -> Result<(), Invalid> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Invalid::Constraints(self.0))
        }
    }

    fn add(&mut self, path: &str, message: &str) {
        self.0.push((path.to_owned(), message.to_owned()));
    }

    fn check(&mut self, path: &str, node: Option<&Node>, constraints: &[Constraint]) {
        match node.filter(|node| !node.is_null()) {
            // A list or an object counts as present; its parts have constraints of their own.
            Some(node) if node.text().is_none() => {}
            node => self.text(
                path,
                node.and_then(Node::resolved_text).as_deref(),
                constraints,
            ),
        }
    }

    fn text(&mut self, path: &str, text: Option<&str>, constraints: &[Constraint]) {
        for constraint in constraints {
            if let Some(message) = constraint.violation(text) {
                self.add(path, &message);
            }
        }
    }

    /// Kestra names inputs by their ids, not by their positions.
    fn inputs(&mut self, inputs: Option<&Node>) {
        for (at, input) in inputs.map_or(&[][..], Node::items).iter().enumerate() {
            let id = input_id(input);
            let path = id.clone().unwrap_or_else(|| format!("inputs[{at}]"));
            self.text(&format!("{path}.id"), id.as_deref(), DATA_ID);
            let shown = input.get("displayName");
            self.check(
                &format!("{path}.displayName"),
                shown,
                &[Constraint::Size(0, 64)],
            );
            let kind = input
                .get("type")
                .and_then(Node::non_null_text)
                .unwrap_or_default();
            for (of, property, constraints) in INPUTS {
                if of == kind {
                    let path = format!("{path}.{property}");
                    self.check(&path, input.get(property), constraints);
                }
            }
            let item = input.get("itemType").and_then(Node::non_null_text);
            if let Some(item) = item.filter(|item| NO_ITEMS.contains(item)) {
                self.add(&path, &format!("`itemType` cannot be {item}"));
            }
            let given = |key: &str| input.get(key).filter(|node| !node.is_null());
            if given("defaults").is_none() {
                continue;
            }
            if given("required").and_then(Node::resolved_text).as_deref() == Some("false") {
                self.add(
                    &path,
                    "Inputs with a default value must be required, since the default is always \
                     applied.",
                );
            } else if given("prefill").is_some() {
                self.add(
                    &path,
                    "Inputs with a default value cannot also have a prefill.",
                );
            }
        }
    }

    fn task(&mut self, path: &str, task: &Node, dialect: Dialect) {
        self.plugin(path, task, dialect);
        for (list, children) in part::children(task) {
            for (at, child) in children.iter().enumerate() {
                self.task(&join(path, &format!("{list}[{at}]")), child, dialect);
            }
        }
    }

    fn trigger(&mut self, path: &str, trigger: &Node, dialect: Dialect) {
        self.plugin(path, trigger, dialect);
        let is = |kind: &str| {
            let name = trigger
                .get("type")
                .and_then(Node::non_null_text)
                .unwrap_or_default();
            plugin::resolve(name, dialect).is_some_and(|name| name.ends_with(kind))
        };
        if !is(".core.trigger.Schedule") {
            return;
        }
        let text = |key: &str| trigger.get(key).and_then(Node::resolved_text);
        if let Some(cron) = text("cron") {
            let seconds = text("withSeconds").as_deref() == Some("true");
            if let Err(why) = cron::check(&cron, seconds) {
                self.add(path, &format!("invalid cron expression '{cron}': {why}"));
            }
        }
        if let Some(zone) = text("timezone").filter(|zone| !zone::is_known(zone)) {
            let message = format!("timezone '({zone})' is not a valid time-zone ID");
            self.add(&join(path, "timezone"), &message);
        }
    }

    fn plugin(&mut self, path: &str, object: &Node, dialect: Dialect) {
        self.check(&join(path, "id"), object.get("id"), TASK_ID);
        let kind = object
            .get("type")
            .and_then(Node::non_null_text)
            .unwrap_or_default();
        let kind = plugin::resolve(kind, dialect).unwrap_or_default();
        for (of, property, constraints) in PLUGINS {
            if kind.strip_prefix("io.kestra.plugin.") == Some(of) {
                self.check(&join(path, property), object.get(property), constraints);
            }
        }
    }
}

fn join(path: &str, property: &str) -> String {
    if path.is_empty() {
        property.to_owned()
    } else {
        format!("{path}.{property}")
    }
}
