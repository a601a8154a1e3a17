//! What Kestra refuses in a flow, in its words.

use serde_json::{Map, Value, json};

use crate::{
    error::Refusal,
    plugin,
    settings::Dialect,
    yaml::{self, Node},
};

/// Why a source is no flow.
#[derive(Clone, Debug)]
pub(crate) enum Invalid {
    /// No YAML; the parser's words.
    Yaml(String),
    /// It does not deserialise: a message and what is embedded.
    Shape {
        message: String,
        errors: Vec<(String, String)>,
    },
    /// It breaks constraints: `(path, message)` of each.
    Constraints(Vec<(String, String)>),
}

impl Invalid {
    /// The words without who says them.
    pub(crate) fn message(&self, source: &str) -> String {
        match self {
            Self::Yaml(text) => format!("Illegal {source} source: {text}"),
            Self::Shape { message, .. } => message.clone(),
            Self::Constraints(list) => list.iter().fold(String::new(), |text, (path, message)| {
                text + path
                    + ": "
                    + message
                    + "
"
            }),
        }
    }

    /// The refusal of a create or an update.
    pub(crate) fn refusal(&self) -> Refusal {
        let errors = match self {
            Self::Yaml(text) => vec![(text.clone(), "yaml".to_owned())],
            Self::Shape { errors, .. } => errors.clone(),
            Self::Constraints(list) => list
                .iter()
                .map(|(path, message)| (message.clone(), path.clone()))
                .collect(),
        };
        Refusal::invalid_entity(self.message("genericflow"), errors)
    }

    fn property(name: &str, class: &str, path: &str, known: &[&str]) -> Self {
        let known: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
        let message = format!(
            "Unrecognized field \"{name}\" (class {class}), not marked as ignorable ({} known \
             properties: {})",
            known.len(),
            known.join(", ")
        );
        Self::Shape {
            errors: vec![(message.clone(), path.to_owned())],
            message,
        }
    }

    fn kind(name: &str, of: &str, path: &str) -> Self {
        let long = format!(
            "Could not resolve type id '{name}' as a subtype of `{of}`: No plugin registered for \
             the defined type: '{name}'\n at [Source: UNKNOWN; byte offset: #UNKNOWN] (through \
             reference chain: {path})"
        );
        let message = format!("Invalid type: {name}");
        let errors = vec![(long, path.to_owned()), (message.clone(), path.to_owned())];
        Self::Shape { message, errors }
    }
}

const FLOW: &str = "io.kestra.core.models.flows.FlowWithSource";

/// Fields of a flow on every line.
const PROPERTIES: [&str; 22] = [
    "finally",
    "tenantId",
    "retry",
    "inputs",
    "errors",
    "tasks",
    "outputs",
    "concurrency",
    "variables",
    "deleted",
    "id",
    "description",
    "labels",
    "sla",
    "checks",
    "namespace",
    "disabled",
    "revision",
    "updated",
    "afterExecution",
    "triggers",
    "source",
];

/// Fields of a flow that only one line has.
fn properties(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::V1_3 => &["workerGroup", "pluginDefaults", "taskDefaults", "listeners"],
        Dialect::V2_0Dev => &["workerSelector", "pluginDefaults", "quotas"],
        Dialect::V2_0 => &["workerSelector", "policyRefs", "quotas", "draft"],
    }
}

const INPUTS: [&str; 18] = [
    "ARRAY",
    "BOOL",
    "DATE",
    "DATETIME",
    "DURATION",
    "EMAIL",
    "FILE",
    "FLOAT",
    "FORM",
    "INT",
    "JSON",
    "MULTISELECT",
    "SECRET",
    "SELECT",
    "STRING",
    "TIME",
    "URI",
    "YAML",
];
const INPUTS_V1: [&str; 2] = ["ENUM", "BOOLEAN"];

/// The document of a source; an empty one is a fault, as Kestra's parser sees it.
pub(crate) fn document(source: &str) -> Result<Node, Invalid> {
    let fault = |message: &str, line: usize, column: usize| {
        Invalid::Yaml(format!(
            "YAML parsing error: {message}\n at [Source: (StringReader); line: {line}, column: \
             {column}] (at line {line})"
        ))
    };
    match yaml::first_document(source) {
        Err(error) => Err(fault(&error.message, error.line, error.column)),
        Ok(Some(node @ Node::Map(_))) => Ok(node),
        Ok(Some(Node::Scalar { text, .. })) if !text.is_empty() => Err(fault(
            "Cannot construct an instance of a flow from a text",
            1,
            1,
        )),
        Ok(Some(Node::Seq(_))) => Err(fault("Cannot deserialize a flow from an array", 1, 1)),
        Ok(_) => Err(fault("No content to map due to end-of-input", 1, 1)),
    }
}

/// The fields of a flow as Kestra shows them.
pub(crate) fn fields(node: &Node, dialect: Dialect) -> Result<Map<String, Value>, Invalid> {
    let Value::Object(mut fields) = node.value() else {
        return Ok(Map::new());
    };
    let mut known = PROPERTIES.to_vec();
    known.extend(properties(dialect));
    inputs(&mut fields, dialect)?;
    if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Invalid::property(
            name,
            FLOW,
            &format!("{FLOW}[\"{name}\"]"),
            &known,
        ));
    }
    for list in ["tasks", "errors", "finally", "afterExecution"] {
        if let Some(Value::Array(tasks)) = fields.get_mut(list) {
            for (at, task) in tasks.iter_mut().enumerate() {
                let path = format!("{FLOW}[\"{list}\"]->java.util.ArrayList[{at}]");
                plugin_object(task, &path, dialect)?;
            }
        }
    }
    if let Some(Value::Array(triggers)) = fields.get_mut("triggers") {
        for (at, trigger) in triggers.iter_mut().enumerate() {
            let path = format!("{FLOW}[\"triggers\"]->java.util.ArrayList[{at}]");
            if dialect.is_v2() && trigger.get("conditions").is_some() {
                let class = super::text(trigger, "type").to_owned();
                return Err(Invalid::property("conditions", &class, &path, &["when"]));
            }
            plugin_object(trigger, &path, dialect)?;
        }
    }
    for key in ["id", "namespace"] {
        if let Some(value) = fields.get_mut(key).filter(|value| !value.is_null()) {
            *value = Value::String(as_text(value));
        }
    }
    if let Some(Value::Object(labels)) = fields.get("labels") {
        let list: Vec<Value> = match node.get("labels") {
            Some(Node::Map(pairs)) => pairs
                .iter()
                .map(|(key, node)| json!({"key": key, "value": node.text().unwrap_or_default()}))
                .collect(),
            _ => labels
                .iter()
                .map(|(k, v)| json!({"key": k, "value": as_text(v)}))
                .collect(),
        };
        fields.insert("labels".to_owned(), Value::Array(list));
    }
    if let Some(defaults) = fields.get("taskDefaults").cloned() {
        fields.insert("pluginDefaults".to_owned(), defaults);
    }
    fields.entry("disabled").or_insert(Value::Bool(false));
    fields.remove("revision");
    fields.remove("source");
    fields.remove("deleted");
    fields.remove("updated");
    Ok(fields)
}

/// A scalar as text, which is what ids of YAML 1.1 become.
fn as_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn inputs(fields: &mut Map<String, Value>, dialect: Dialect) -> Result<(), Invalid> {
    let Some(Value::Array(inputs)) = fields.get_mut("inputs") else {
        return Ok(());
    };
    for (at, input) in inputs.iter_mut().enumerate() {
        let Some(input) = input.as_object_mut() else {
            continue;
        };
        if !dialect.is_v2()
            && let Some(name) = input.remove("name")
        {
            input.entry("id").or_insert(name);
        }
        let kind = input.get("type").map(as_text).unwrap_or_default();
        let known = INPUTS.contains(&kind.as_str())
            || (!dialect.is_v2() && INPUTS_V1.contains(&kind.as_str()))
            || (dialect.is_ga() && matches!(kind.as_str(), "ION" | "REUSABLE_INPUTS"));
        if !known {
            let path = format!(
                "io.kestra.core.models.flows.GenericFlow[\"inputs\"]->java.util.ArrayList[{at}]"
            );
            let of = "io.kestra.core.models.flows.Input<java.lang.Object>";
            return Err(Invalid::kind(&kind, of, &path));
        }
        input.entry("required").or_insert(Value::Bool(true));
        let absent: &[(&str, Value)] = match kind.as_str() {
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
            input.entry(*key).or_insert_with(|| value.clone());
        }
    }
    Ok(())
}

/// Checks and normalises one task or trigger with what it holds.
fn plugin_object(object: &mut Value, path: &str, dialect: Dialect) -> Result<(), Invalid> {
    let Some(fields) = object.as_object_mut() else {
        return Ok(());
    };
    let kind = fields.get("type").map(as_text).unwrap_or_default();
    let Some(name) = plugin::resolve(&kind, dialect) else {
        return Err(Invalid::kind(&kind, "io.kestra.core.models.Plugin", path));
    };
    if name == "io.kestra.plugin.core.log.Log" {
        let known = plugin::log_properties(dialect);
        let unknown = fields.keys().find(|key| !known.contains(&key.as_str()));
        if let Some(key) = unknown {
            let path = format!("{path}->{name}[\"{key}\"]");
            return Err(Invalid::property(key, name, &path, &known));
        }
    }
    fields.insert("type".to_owned(), json!(name));
    if let Some(id) = fields.get_mut("id").filter(|id| !id.is_null()) {
        *id = Value::String(as_text(id));
    }
    // Properties that say what is the default anyway are not shown.
    let defaults = [
        ("wait", json!(true)),
        ("transmitFailed", json!(true)),
        ("disabled", json!(false)),
        ("level", json!("INFO")),
    ];
    for (key, value) in defaults {
        if fields.get(key) == Some(&value) {
            fields.remove(key);
        }
    }
    if let Some(Value::Array(inputs)) = fields.get_mut("onResume") {
        for input in inputs.iter_mut().filter_map(Value::as_object_mut) {
            input.entry("required").or_insert(Value::Bool(true));
        }
    }
    for list in ["tasks", "then", "else", "errors", "finally", "defaults"] {
        if let Some(Value::Array(tasks)) = fields.get_mut(list) {
            for (at, task) in tasks.iter_mut().enumerate() {
                // Properties called `defaults` need not be tasks.
                if task.get("type").is_some() {
                    let path = format!("{path}->{name}[\"{list}\"]->java.util.ArrayList[{at}]");
                    plugin_object(task, &path, dialect)?;
                }
            }
        }
    }
    if let Some(Value::Object(cases)) = fields.get_mut("cases") {
        for (case, tasks) in cases.iter_mut() {
            for task in tasks.as_array_mut().into_iter().flatten() {
                plugin_object(
                    task,
                    &format!("{path}->{name}[\"cases\"][\"{case}\"]"),
                    dialect,
                )?;
            }
        }
    }
    Ok(())
}
