//! Executions in response bodies.

use serde_json::{Map, Value, json};

use super::{Execution, Status, TaskRun};
use crate::{settings::Dialect, time};

/// Worker ids as each line formats them.
const WORKER_V1: &str = "e81e29f9-9838-460f-b35c-dbc105c82e40";
const WORKER_V2: &str = "1FlKUwJor0ET83Y9tyyXdC";

impl Execution {
    /// The full execution: in every response of 1.3, and in those of 2.0 to creates and actions.
    /// `sent` asks for the inputs as the create shows them.
    pub(crate) fn full_json(&self, dialect: Dialect, sent: bool) -> Value {
        let mut fields = self.common(dialect);
        if let Some(inputs) = &self.inputs {
            let shown = if sent && !dialect.is_v2() {
                &inputs.sent
            } else {
                &inputs.stored
            };
            fields.insert("inputs".to_owned(), Value::Object(shown.clone()));
        }
        if !self.runs.is_empty() || (self.shows_empty_runs && !dialect.is_v2()) {
            let runs = self
                .runs
                .iter()
                .map(|run| self.run_json(run, dialect))
                .collect();
            fields.insert("taskRunList".to_owned(), Value::Array(runs));
        }
        fields.insert("deleted".to_owned(), json!(false));
        fields.insert("metadata".to_owned(), self.metadata());
        Value::Object(fields)
    }

    /// The body of a response to a read.
    pub(crate) fn get_json(&self, dialect: Dialect) -> Value {
        if !dialect.is_v2() {
            return self.full_json(dialect, false);
        }
        let mut fields = self.light_fields(dialect);
        let runs = self
            .runs
            .iter()
            .map(|run| {
                let mut fields = run.common(dialect);
                fields.insert("id".to_owned(), json!(run.id));
                if let Some(parent) = run.parent.and_then(|at| self.runs.get(at)) {
                    fields.insert("parentTaskRunId".to_owned(), json!(parent.id));
                }
                Value::Object(fields)
            })
            .collect();
        fields.insert("taskRunList".to_owned(), Value::Array(runs));
        fields.insert("metadata".to_owned(), self.metadata());
        Value::Object(fields)
    }

    /// A row of a search result.
    pub(crate) fn row_json(&self, dialect: Dialect) -> Value {
        if dialect.is_v2() {
            Value::Object(self.light_fields(dialect))
        } else {
            self.full_json(dialect, false)
        }
    }

    fn light_fields(&self, dialect: Dialect) -> Map<String, Value> {
        let mut fields = self.common(dialect);
        fields.insert("tenantId".to_owned(), json!(self.tenant));
        if let Some(inputs) = &self.inputs {
            fields.insert("inputs".to_owned(), without_nulls(&inputs.stored));
        }
        fields
    }

    fn common(&self, dialect: Dialect) -> Map<String, Value> {
        let labels: Vec<Value> = self
            .labels
            .iter()
            .map(|(k, v)| json!({"key": k, "value": v}))
            .collect();
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                fields.insert(key.to_owned(), value);
            }
        };
        put("id", json!(self.id));
        put("namespace", json!(self.flow.namespace));
        put("flowId", json!(self.flow.id));
        put("flowRevision", json!(self.flow.revision));
        put("labels", json!(labels));
        put("state", self.state.json());
        put("originalId", json!(self.original_id));
        put("parentId", json!(self.parent_id));
        put("trigger", json!(self.trigger));
        put("kind", json!(self.kind));
        put(
            "scheduleDate",
            json!(self.schedule_date.map(time::iso_short)),
        );
        if !dialect.is_ga() {
            put("outputs", json!(self.outputs));
        }
        fields
    }

    fn metadata(&self) -> Value {
        json!({
            "attemptNumber": self.attempt_number,
            "originalCreatedDate": time::iso(self.original_created),
        })
    }

    pub(crate) fn run_json(&self, run: &TaskRun, dialect: Dialect) -> Value {
        let mut fields = run.common(dialect);
        fields.insert("id".to_owned(), json!(run.id));
        fields.insert("executionId".to_owned(), json!(self.id));
        fields.insert("namespace".to_owned(), json!(self.flow.namespace));
        fields.insert("flowId".to_owned(), json!(self.flow.id));
        if let Some(parent) = run.parent.and_then(|at| self.runs.get(at)) {
            fields.insert("parentTaskRunId".to_owned(), json!(parent.id));
        }
        if !dialect.is_ga() {
            let outputs = if dialect.is_v2() {
                Value::Null
            } else {
                json!(run.outputs)
            };
            fields.insert("outputs".to_owned(), outputs);
        }
        Value::Object(fields)
    }
}

impl TaskRun {
    fn common(&self, dialect: Dialect) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("taskId".to_owned(), json!(self.task_id));
        fields.insert("state".to_owned(), self.state.json());
        if !self.attempts.is_empty() {
            let attempts = self
                .attempts
                .iter()
                .map(|attempt| {
                    let mut shown = json!({"state": attempt.state.json()});
                    if let (true, Some(fields)) = (attempt.on_worker, shown.as_object_mut()) {
                        let worker = if dialect.is_v2() {
                            WORKER_V2
                        } else {
                            WORKER_V1
                        };
                        fields.insert("workerId".to_owned(), json!(worker));
                    }
                    shown
                })
                .collect();
            fields.insert("attempts".to_owned(), Value::Array(attempts));
        }
        if let Some(value) = &self.value {
            fields.insert("value".to_owned(), json!(value));
        }
        if let Some(iteration) = self.iteration {
            fields.insert("iteration".to_owned(), json!(iteration));
        }
        fields
    }

    /// The current status.
    pub(crate) fn status(&self) -> Status {
        self.state.current()
    }
}

fn without_nulls(fields: &Map<String, Value>) -> Value {
    Value::Object(
        fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| {
                let value = match value {
                    Value::Object(inside) => without_nulls(inside),
                    other => other.clone(),
                };
                (key.clone(), value)
            })
            .collect(),
    )
}
