//! Killing and resuming executions.

use serde_json::{Map, Value, json};

use super::{Event, EventKind};
use crate::{
    execution::{Attempt, Execution, State, Status},
    time,
    world::World,
};

impl World {
    /// Requests a kill; with `cascade` also of the executions that it started.
    pub(crate) fn kill(&mut self, at: u64, id: &str, cascade: bool) {
        if cascade {
            let children: Vec<String> = self
                .executions
                .iter()
                .filter(|e| {
                    e.awaited_by
                        .as_ref()
                        .is_some_and(|(parent, _)| parent == id)
                })
                .map(|e| e.id.clone())
                .collect();
            for child in children {
                self.kill(at, &child, cascade);
            }
        }
        let noticed = if self.dialect().is_v2() { at } else { at + 60 };
        let event = Event {
            execution: id.to_owned(),
            kind: EventKind::BeginKill,
        };
        self.events.add(noticed, event);
    }

    pub(super) fn begin_kill(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        if execution.state.current().is_terminal() || execution.state.current() == Status::Killing {
            return;
        }
        let to = Status::Killing;
        let paused = end_pauses(execution, at, to, None);
        if paused {
            execution.state.push(Status::Restarted, at);
            execution.attempt_number += 1;
        }
        execution.state.push(Status::Killing, at);
        let event = Event {
            execution: id.to_owned(),
            kind: EventKind::FinishKill,
        };
        // A pause occupies no worker, so there is nothing to wait for.
        self.events.add(at + if paused { 10 } else { 200 }, event);
    }

    pub(super) fn finish_kill(&mut self, at: u64, id: &str) {
        let v2 = self.dialect().is_v2();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        if execution.state.current() != Status::Killing {
            return;
        }
        for run in &mut execution.runs {
            // 1.3 leaves the task run of a subflow RUNNING forever.
            let on_worker = run.attempts.last().is_none_or(|attempt| attempt.on_worker);
            let subflow = run.attempts.is_empty() && run.status() == Status::Running;
            if run.status().is_terminal() || (subflow && !v2) {
                continue;
            }
            if run.attempts.is_empty() {
                let mut state = State::new(Status::Created, run.state.start());
                state.push(Status::Running, run.state.start());
                let attempt = Attempt {
                    state,
                    on_worker: on_worker && !subflow,
                };
                run.attempts.push(attempt);
            }
            if let Some(attempt) = run.attempts.last_mut() {
                attempt.state.push(Status::Killed, at);
            }
            run.state.push(Status::Killed, at);
            run.outputs.get_or_insert_default();
        }
        execution.state.push(Status::Killed, at);
        self.on_end(at, id);
    }

    /// The status of a pause whose duration elapses, from its `behavior`.
    pub(super) fn status_after_pause(&self, execution: &str, run: usize) -> Status {
        let behavior = self.execution(execution).and_then(|execution| {
            let task = execution.task(&execution.runs.get(run)?.task_id)?;
            task.get("behavior")?.as_str()
        });
        match behavior {
            Some("WARN") => Status::Warning,
            Some("CANCEL") => Status::Cancelled,
            Some("FAIL") => Status::Failed,
            _ => Status::Success,
        }
    }

    /// Resumes a paused execution. A pause task ends with status `to` and with `values` as its
    /// `onResume` outputs; an execution paused through the API just continues.
    pub(crate) fn resume(
        &mut self,
        at: u64,
        id: &str,
        to: Status,
        values: Option<&Map<String, Value>>,
    ) {
        let lag = if self.dialect().is_v2() { 20 } else { 100 };
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        if !end_pauses(execution, at, to, values) {
            execution.state.push(Status::Running, at);
            return;
        }
        execution.state.push(Status::Restarted, at);
        execution.attempt_number += 1;
        let event = Event {
            execution: id.to_owned(),
            kind: EventKind::Advance,
        };
        self.events.add(at + lag, event);
    }
}

/// Ends the task runs of pause tasks. Returns whether there were any.
fn end_pauses(
    execution: &mut Execution,
    at: u64,
    to: Status,
    values: Option<&Map<String, Value>>,
) -> bool {
    let mut any = false;
    // A killed pause has nothing to stop, so it is KILLED at once.
    let status = if to == Status::Killing {
        Status::Killed
    } else {
        to
    };
    for run in &mut execution.runs {
        if run.status() != Status::Paused {
            continue;
        }
        any = true;
        run.state.push(status, at);
        if let Some(attempt) = run.attempts.last_mut() {
            attempt.state.push(status, at);
        }
        let outputs = run.outputs.get_or_insert_default();
        if let Some(values) = values {
            outputs.insert("onResume".to_owned(), Value::Object(values.clone()));
        }
        // Kestra omits the time zone here.
        let on = time::iso(at).trim_end_matches('Z').to_owned();
        outputs.insert("resumed".to_owned(), json!({"on": on, "to": to.text()}));
    }
    any
}
