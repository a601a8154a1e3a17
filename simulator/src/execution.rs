//! Executions and their task runs.

use serde_json::{Map, Value, json};

use crate::{flow::Shared, time};

pub(crate) mod json;
pub(crate) mod status;

pub(crate) use status::Status;

/// The state of an execution or task run, with its history.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Each status with the time it was entered, in milliseconds since the epoch; never empty.
    histories: Vec<(Status, u64)>,
}

impl State {
    pub(crate) fn new(status: Status, at: u64) -> Self {
        Self {
            histories: vec![(status, at)],
        }
    }

    pub(crate) fn current(&self) -> Status {
        self.histories
            .last()
            .map_or(Status::Created, |(status, _)| *status)
    }

    pub(crate) fn push(&mut self, status: Status, at: u64) {
        self.histories.push((status, at));
    }

    pub(crate) fn start(&self) -> u64 {
        self.histories.first().map_or(0, |(_, at)| *at)
    }

    /// The end date, which Kestra also sets while paused.
    pub(crate) fn end(&self) -> Option<u64> {
        let ended = self.current().is_terminal() || self.current() == Status::Paused;
        self.histories.last().filter(|_| ended).map(|(_, at)| *at)
    }

    pub(crate) fn json(&self) -> Value {
        let histories: Vec<Value> = self
            .histories
            .iter()
            .map(|(status, at)| json!({"state": status.text(), "date": time::iso(*at)}))
            .collect();
        let mut state = json!({
            "current": self.current().text(),
            "histories": histories,
            "startDate": time::iso(self.start()),
        });
        if let (Some(end), Some(fields)) = (self.end(), state.as_object_mut()) {
            let lasted = end.saturating_sub(self.start());
            fields.insert("endDate".to_owned(), json!(time::iso(end)));
            fields.insert("duration".to_owned(), json!(time::iso_duration(lasted)));
        }
        state
    }
}

/// One attempt of a task run.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) state: State,
    /// Whether a worker ran it; otherwise the executor did.
    pub(crate) on_worker: bool,
}

/// One run of a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskRun {
    pub(crate) id: String,
    pub(crate) task_id: String,
    /// The index of the parent task run.
    pub(crate) parent: Option<usize>,
    /// The value of the iteration that it belongs to.
    pub(crate) value: Option<String>,
    pub(crate) iteration: Option<usize>,
    pub(crate) state: State,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) outputs: Option<Map<String, Value>>,
    /// Incremented by each restart, so that events scheduled before it are ignored.
    pub(crate) generation: u32,
}

/// The inputs of an execution, in the forms that Kestra shows them in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    /// As the response to the create shows them.
    pub(crate) sent: Map<String, Value>,
    /// As later responses show them.
    pub(crate) stored: Map<String, Value>,
    /// As expressions see them, with secrets in clear.
    pub(crate) clear: Map<String, Value>,
}

/// One execution of a flow.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) flow: Shared,
    /// `None` if the flow has no inputs.
    pub(crate) inputs: Option<Inputs>,
    pub(crate) outputs: Option<Map<String, Value>>,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) state: State,
    pub(crate) runs: Vec<TaskRun>,
    /// Whether 1.3 shows `taskRunList` when it is empty.
    pub(crate) shows_empty_runs: bool,
    pub(crate) parent_id: Option<String>,
    pub(crate) original_id: String,
    pub(crate) trigger: Option<Value>,
    pub(crate) attempt_number: u32,
    pub(crate) original_created: u64,
    /// Milliseconds since the epoch.
    pub(crate) schedule_date: Option<u64>,
    pub(crate) kind: Option<String>,
    /// The parent execution and task run that wait for this one.
    pub(crate) awaited_by: Option<(String, String)>,
}

impl Execution {
    /// The variables of expressions, including those of a task run if given.
    pub(crate) fn variables(&self, run: Option<usize>) -> Value {
        let mut outputs = Map::new();
        for task in &self.runs {
            let Some(values) = &task.outputs else {
                continue;
            };
            let slot = outputs
                .entry(task.task_id.clone())
                .or_insert_with(|| json!({}));
            match (&task.value, slot.as_object_mut()) {
                (Some(value), Some(by_value)) => {
                    by_value.insert(value.clone(), Value::Object(values.clone()));
                }
                _ => *slot = Value::Object(values.clone()),
            }
        }
        let inputs = self
            .inputs
            .as_ref()
            .map(|inputs| inputs.clear.clone())
            .unwrap_or_default();
        let labels: Map<String, Value> = self
            .labels
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        let mut variables = json!({
            "inputs": inputs,
            "outputs": outputs,
            "labels": labels,
            "vars": self.flow.fields.get("variables").cloned().unwrap_or_else(|| json!({})),
            "flow": {"id": self.flow.id, "namespace": self.flow.namespace,
                "revision": self.flow.revision, "tenantId": self.tenant},
            "execution": {"id": self.id, "startDate": time::iso(self.state.start()),
                "state": self.state.current().text(), "originalId": self.original_id},
        });
        let Some(fields) = variables.as_object_mut() else {
            return variables;
        };
        if let Some(trigger) = self.trigger.as_ref().and_then(|t| t.get("variables")) {
            fields.insert("trigger".to_owned(), trigger.clone());
        }
        if let Some(run) = run.and_then(|at| self.runs.get(at)) {
            fields.insert("task".to_owned(), json!({"id": run.task_id}));
            let number = run.attempts.len().saturating_sub(1);
            let mut taskrun = json!({"id": run.id, "attemptsCount": number});
            if let (Some(value), Some(taskrun)) = (&run.value, taskrun.as_object_mut()) {
                taskrun.insert("value".to_owned(), json!(value));
                taskrun.insert("iteration".to_owned(), json!(run.iteration));
            }
            fields.insert("taskrun".to_owned(), taskrun);
            if let Some(parent) = run.parent.and_then(|at| self.runs.get(at)) {
                let taskrun = json!({"id": parent.id, "value": parent.value});
                fields.insert("parent".to_owned(), json!({ "taskrun": taskrun }));
            }
        }
        variables
    }

    /// The task with this id, at any depth of the flow.
    pub(crate) fn task(&self, id: &str) -> Option<&Value> {
        ["tasks", "errors", "finally", "afterExecution"]
            .iter()
            .find_map(|list| find(self.flow.list(list), id))
    }

    /// Sets a label, or replaces its value.
    pub(crate) fn label(&mut self, key: &str, value: &str) {
        match self.labels.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.labels.push((key.to_owned(), value.to_owned())),
        }
    }
}

fn find<'a>(tasks: &'a [Value], id: &str) -> Option<&'a Value> {
    for task in tasks {
        if crate::flow::text(task, "id") == id {
            return Some(task);
        }
        for list in ["tasks", "then", "else", "errors", "finally", "defaults"] {
            let inside = task
                .get(list)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            if let Some(task) = find(inside, id) {
                return Some(task);
            }
        }
        for tasks in task
            .get("cases")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::values)
        {
            if let Some(task) = tasks.as_array().and_then(|tasks| find(tasks, id)) {
                return Some(task);
            }
        }
    }
    None
}
