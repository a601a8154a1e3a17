//! A walk over the tasks of a flow, and the task runs that it creates.

use serde_json::{Map, Value, json};

use super::{EventKind, Subflow};
use crate::{
    execution::{Attempt, Execution, State, Status, TaskRun},
    flow::text,
    id::Ids,
    pebble, plugin,
    settings::Dialect,
    time,
};

/// Milliseconds from a task run's creation to its submission, and to its start.
const SUBMITTED_AFTER: u64 = 20;

const STARTED_AFTER: u64 = 60;

pub(super) struct Walk<'a> {
    pub(super) execution: &'a mut Execution,
    pub(super) ids: &'a mut Ids,
    pub(super) events: &'a mut Vec<(u64, EventKind)>,
    pub(super) at: u64,
    pub(super) dialect: Dialect,
}

/// The value and index of an iteration of the enclosing task.
pub(super) type Iteration = (String, usize);

/// The final status of a task; `None` while it runs.
pub(super) type Outcome = Option<Status>;

impl Walk<'_> {
    pub(super) fn create(
        &mut self,
        task: &Value,
        parent: Option<usize>,
        iteration: Option<&Iteration>,
    ) -> usize {
        let at = self.at;
        let position = self.execution.runs.len();
        let (value, iteration) = iteration.cloned().unzip();
        self.execution.runs.push(TaskRun {
            id: self.ids.next(),
            task_id: text(task, "id").to_owned(),
            parent,
            value,
            iteration,
            state: State::new(Status::Created, at),
            attempts: Vec::new(),
            outputs: None,
            generation: 0,
        });
        let condition = task.get("runIf").and_then(Value::as_str);
        let skipped = condition.is_some_and(|condition| {
            let variables = self.execution.variables(Some(position));
            !pebble::render(condition, &variables).is_ok_and(|text| pebble::truthy(&text))
        });
        if skipped {
            self.push(position, Status::Skipped);
            return position;
        }
        if plugin::is_flowable(text(task, "type")) {
            self.open(task, position);
        } else {
            let (run, generation) = (position, 0);
            let events = &mut *self.events;
            events.push((at + SUBMITTED_AFTER, EventKind::Submit { run, generation }));
            events.push((
                at + STARTED_AFTER,
                EventKind::RunOnWorker { run, generation },
            ));
        }
        position
    }

    /// Starts a flowable task, which the executor runs itself.
    fn open(&mut self, task: &Value, run: usize) {
        let at = self.at;
        match text(task, "type") {
            "io.kestra.plugin.core.flow.Subflow" => self.subflow(task, run),
            "io.kestra.plugin.core.flow.Pause" => {
                self.push(run, Status::Running);
                self.attempt(run);
                self.push(run, Status::Paused);
                if let Some(found) = self.execution.runs.get_mut(run) {
                    found.outputs = Some(Map::new());
                }
                self.execution.state.push(Status::Paused, at);
                let lasts = ["pauseDuration", "delay"]
                    .iter()
                    .find_map(|field| time::parse_duration(text(task, field)));
                if let Some(lasts) = lasts {
                    let kind = EventKind::Resume { run, generation: 0 };
                    self.events.push((at + lasts, kind));
                }
            }
            _ => {
                self.push(run, Status::Running);
                self.attempt(run);
            }
        }
    }

    fn subflow(&mut self, task: &Value, run: usize) {
        // In 2.0 it is CREATED for a moment first; on no line does it have an attempt while it
        // runs.
        if self.dialect.is_v2() {
            let (generation, at) = (0, self.at);
            self.events.push((
                at + SUBMITTED_AFTER,
                EventKind::RunOnExecutor { run, generation },
            ));
        } else {
            self.push(run, Status::Running);
        }
        let variables = self.execution.variables(Some(run));
        let given = task.get("inputs").cloned().unwrap_or_else(|| json!({}));
        let rendered = pebble::render_value(&given, &variables);
        let render =
            |field: &str| pebble::render(text(task, field), &variables).unwrap_or_default();
        let child = Subflow {
            run,
            namespace: render("namespace"),
            flow_id: render("flowId"),
            inputs: rendered
                .ok()
                .and_then(|v| v.as_object().cloned())
                .unwrap_or_default(),
            wait: task.get("wait") != Some(&Value::Bool(false)),
        };
        self.events.push((
            self.at + SUBMITTED_AFTER,
            EventKind::StartSubflow(Box::new(child)),
        ));
    }

    pub(super) fn push(&mut self, run: usize, status: Status) {
        let at = self.at;
        if let Some(run) = self.execution.runs.get_mut(run) {
            run.state.push(status, at);
        }
    }

    fn attempt(&mut self, run: usize) {
        let mut state = State::new(Status::Created, self.at);
        state.push(Status::Running, self.at);
        if let Some(run) = self.execution.runs.get_mut(run) {
            run.attempts.push(Attempt {
                state,
                on_worker: false,
            });
        }
    }
}
