//! Flows.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{settings::Dialect, time, yaml::Node};

mod advice;
mod bean;
mod class;
mod constraint;
pub(crate) mod history;
mod invalid;
mod jackson;
mod json;
mod part;
mod reference;
mod shape;
mod validator;
mod verdict;
mod zone;

pub(crate) use invalid::Invalid;
pub(crate) use verdict::{Verdict, validate_part};

/// One revision of a flow.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// The scalar as written; the response to a create shows it resolved.
    pub(crate) namespace: String,
    pub(crate) id: String,
    pub(crate) revision: u64,
    /// When it was saved, in milliseconds since the epoch.
    pub(crate) updated: u64,
    pub(crate) deleted: bool,
    pub(crate) draft: bool,
    /// The fields as the response to a create shows them, without revision and source.
    pub(crate) fields: Map<String, Value>,
    pub(crate) source: String,
}

impl Flow {
    /// Parses a source as a save does. [`Flows`](history::Flows) assigns the revision.
    pub(crate) fn read(source: &str, dialect: Dialect) -> Result<Self, Invalid> {
        shape::generic(source, dialect)?;
        let node = shape::map(source)?;
        shape::flow(&node, dialect)?;
        constraint::check(&node, dialect)?;
        Ok(Self::of(&node, json::fields(&node, dialect), source))
    }

    /// Parses a draft, of which only the id and namespace are validated (2.0 GA).
    pub(crate) fn draft(source: &str, dialect: Dialect) -> Result<Self, Invalid> {
        let node = shape::map(source)?;
        let mut fields = json::fields(&node, dialect);
        fields.insert("draft".to_owned(), Value::Bool(true));
        let mut flow = Self::of(&node, fields, source);
        flow.draft = true;
        Ok(flow)
    }

    fn of(node: &Node, fields: Map<String, Value>, source: &str) -> Self {
        let text = |key| {
            node.get(key)
                .and_then(Node::text)
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            namespace: text("namespace"),
            id: text("id"),
            revision: 1,
            updated: 0,
            deleted: false,
            draft: false,
            fields,
            source: source.to_owned(),
        }
    }

    /// A list of objects among the fields.
    pub(crate) fn list(&self, field: &str) -> &[Value] {
        self.fields
            .get(field)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn disabled(&self) -> bool {
        self.fields.get("disabled") == Some(&Value::Bool(true))
    }

    pub(crate) fn labels(&self) -> Vec<(String, String)> {
        self.list("labels")
            .iter()
            .map(|label| {
                (
                    text(label, "key").to_owned(),
                    text(label, "value").to_owned(),
                )
            })
            .collect()
    }

    /// The body of a response to a create: id and namespace are resolved scalars, and `triggers` is
    /// omitted if there are none.
    pub(crate) fn create_json(&self) -> Value {
        let mut fields = self.fields.clone();
        fields.insert("revision".to_owned(), json!(self.revision));
        fields.insert("deleted".to_owned(), json!(self.deleted));
        fields.insert("source".to_owned(), json!(self.source));
        Value::Object(fields)
    }

    /// The body of a response to a read.
    pub(crate) fn get_json(&self, with_source: bool) -> Value {
        let mut fields = self.fields.clone();
        fields.insert("id".to_owned(), json!(self.id));
        fields.insert("namespace".to_owned(), json!(self.namespace));
        fields.insert("revision".to_owned(), json!(self.revision));
        fields.insert("deleted".to_owned(), json!(self.deleted));
        if !self.deleted {
            fields.insert("updated".to_owned(), json!(time::iso(self.updated)));
        }
        fields.entry("triggers").or_insert_with(|| json!([]));
        if with_source {
            fields.insert("source".to_owned(), json!(self.source));
        }
        Value::Object(fields)
    }

    /// What users who may only execute the flow see: task ids and types.
    pub(crate) fn outline_json(&self, dialect: Dialect) -> Value {
        let tasks: Vec<Value> = self.list("tasks").iter().map(brief).collect();
        let triggers: Vec<Value> = self.list("triggers").iter().map(brief).collect();
        let mut outline = json!({
            "id": self.id, "namespace": self.namespace, "revision": self.revision,
            "disabled": self.disabled(), "deleted": self.deleted, "tasks": tasks, "errors": [],
            "afterExecution": [], "triggers": triggers, "sla": [], "finally": [],
        });
        if let Some(fields) = outline.as_object_mut() {
            if let Some(inputs) = self.fields.get("inputs") {
                fields.insert("inputs".to_owned(), inputs.clone());
            }
            if dialect.is_v2() {
                fields.insert("quotas".to_owned(), json!([]));
            }
        }
        outline
    }
}

/// The id and type of a task or trigger, and what is needed to execute it.
fn brief(object: &Value) -> Value {
    let mut brief = json!({"id": text(object, "id"), "type": text(object, "type")});
    let Some(fields) = brief.as_object_mut() else {
        return brief;
    };
    match text(object, "type") {
        "io.kestra.plugin.core.flow.Pause" => {
            fields.insert("tasks".to_owned(), json!([]));
            let inputs = object.get("onResume").cloned().unwrap_or_else(|| json!([]));
            fields.insert("inputs".to_owned(), inputs);
        }
        "io.kestra.plugin.core.flow.Subflow" => {
            let (namespace, id) = (object.get("namespace"), object.get("flowId"));
            let id = json!({"namespace": namespace, "flowId": id, "revision": null});
            fields.insert("subflowId".to_owned(), id);
        }
        _ => {}
    }
    brief
}

/// A string field of an object; empty if absent.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or("")
}

/// A shared flow.
pub(crate) type Shared = Arc<Flow>;
