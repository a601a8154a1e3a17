//! Running tasks.

use serde_json::{Map, Value};

use super::{Event, EventKind, task};
use crate::{
    execution::{Attempt, Execution, State, Status, TaskRun},
    log,
    world::World,
};

impl World {
    /// Applies `change` to a task run, unless it was restarted or has ended since.
    pub(super) fn with_run<T>(
        &mut self,
        execution: &str,
        run: usize,
        generation: u32,
        change: impl FnOnce(&mut TaskRun) -> T,
    ) -> Option<T> {
        let execution = self.execution_mut(execution)?;
        let run = execution.runs.get_mut(run)?;
        let valid = run.generation == generation && !run.status().is_terminal();
        valid.then(|| change(run))
    }

    pub(super) fn run_task(&mut self, at: u64, id: &str, run: usize, generation: u32) {
        let namespace = self.execution(id).map(|e| e.flow.namespace.clone());
        let values = self.values(&namespace.unwrap_or_default(), at);
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        let Some(found) = execution.runs.get_mut(run) else {
            return;
        };
        if found.generation != generation || found.status().is_terminal() {
            return;
        }
        found.state.push(Status::Running, at);
        let mut state = State::new(Status::Created, at);
        state.push(Status::Running, at);
        found.attempts.push(Attempt {
            state,
            on_worker: true,
        });
        let Some(task) = execution.task(&found_id(execution, run)).cloned() else {
            return;
        };
        let mut variables = execution.variables(Some(run));
        if let Some(fields) = variables.as_object_mut() {
            fields.insert("kv".to_owned(), values);
        }
        let plan = task::plan(&task, &variables);
        let Some(found) = execution.runs.get(run) else {
            return;
        };
        let entry = |level, message| log::Entry {
            namespace: execution.flow.namespace.clone(),
            flow_id: execution.flow.id.clone(),
            task_id: found.task_id.clone(),
            execution_id: execution.id.clone(),
            task_run_id: found.id.clone(),
            attempt: found.attempts.len().saturating_sub(1),
            timestamp: at,
            level,
            message,
        };
        let logs: Vec<log::Entry> = plan
            .logs
            .into_iter()
            .map(|(level, message)| entry(level, message))
            .collect();
        self.logs.extend(logs);
        let (status, outputs) = (plan.status, Some(plan.outputs));
        let kind = EventKind::Finish {
            run,
            generation,
            status,
            outputs,
        };
        self.events.add(
            at + plan.duration,
            Event {
                execution: id.to_owned(),
                kind,
            },
        );
    }

    pub(super) fn end_task(
        &mut self,
        at: u64,
        id: &str,
        run: usize,
        generation: u32,
        status: Status,
        outputs: Option<Map<String, Value>>,
    ) {
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        // While an execution is being killed, its task runs end as KILLED, whatever they return.
        if execution.state.current() == Status::Killing || execution.state.current().is_terminal() {
            return;
        }
        let task_id = found_id(execution, run);
        let task = execution.task(&task_id).cloned().unwrap_or(Value::Null);
        let retry = task::retry(&task);
        let Some(found) = execution.runs.get_mut(run) else {
            return;
        };
        if found.generation != generation || found.status().is_terminal() {
            return;
        }
        if found.attempts.is_empty() {
            let state = State::new(Status::Created, found.state.start());
            found.attempts.push(Attempt {
                state,
                on_worker: false,
            });
        }
        if let Some(attempt) = found.attempts.last_mut() {
            attempt.state.push(status, at);
        }
        found.outputs = outputs;
        if status == Status::Failed
            && let Some((most, interval)) = retry
            && found.attempts.len() < most
        {
            found.state.push(Status::Retrying, at);
            let kind = EventKind::RunOnWorker { run, generation };
            self.events.add(
                at + interval,
                Event {
                    execution: id.to_owned(),
                    kind,
                },
            );
            return;
        }
        found.state.push(task::tolerated(&task, status), at);
        self.step(at, id);
    }
}

fn found_id(execution: &Execution, run: usize) -> String {
    execution
        .runs
        .get(run)
        .map(|run| run.task_id.clone())
        .unwrap_or_default()
}
