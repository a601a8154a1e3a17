//! Restarting executions.

use super::{Event, EventKind};
use crate::{execution::Status, flow::text, plugin, world::World};

impl World {
    /// Restarts an execution from its failed task runs, or from its pause.
    pub(crate) fn restart(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        for run in &mut execution.runs {
            if run.status() == Status::Paused {
                run.state.push(Status::Running, at);
            }
        }
        let failed: Vec<usize> = execution
            .runs
            .iter()
            .enumerate()
            .filter(|(_, run)| run.status().stops())
            .map(|(position, _)| position)
            .collect();
        execution.attempt_number += 1;
        execution.label("system.restarted", "true");
        self.rerun(at, id, &failed, 100);
    }

    /// Restarts an execution from one task run.
    pub(crate) fn rerun_from(&mut self, at: u64, id: &str, run: usize) {
        let lag = self.lag();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        let mut above = execution.runs.get(run).and_then(|run| run.parent);
        while let Some(found) = above.and_then(|at| execution.runs.get_mut(at)) {
            found.generation += 1;
            found.state.push(Status::Running, at);
            above = found.parent;
        }
        self.rerun(at, id, &[run], lag);
    }

    fn rerun(&mut self, at: u64, id: &str, runs: &[usize], lag: u64) {
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        let mut again = Vec::new();
        for position in runs {
            let Some(run) = execution.runs.get_mut(*position) else {
                continue;
            };
            run.generation += 1;
            run.state.push(Status::Restarted, at);
            again.push((*position, run.generation, run.task_id.clone()));
        }
        execution.state.push(Status::Restarted, at);
        let mut events = vec![(at + lag, EventKind::Advance)];
        for (run, generation, task) in again {
            let kind = execution.task(&task).map(|task| text(task, "type"));
            if kind.is_some_and(plugin::is_flowable) {
                events.push((at + lag, EventKind::RunOnExecutor { run, generation }));
            } else {
                events.push((at + lag, EventKind::Submit { run, generation }));
                events.push((at + lag + 40, EventKind::RunOnWorker { run, generation }));
            }
        }
        for (when, kind) in events {
            let execution = id.to_owned();
            self.events.add(when, Event { execution, kind });
        }
    }

    /// Runs an execution that is queued.
    pub(crate) fn run_waiting(&mut self, at: u64, id: &str) {
        let lag = self.lag();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        execution.state.push(Status::Running, at);
        let event = Event {
            execution: id.to_owned(),
            kind: EventKind::Advance,
        };
        self.events.add(at + lag, event);
    }

    /// Continues an execution after the state of a task run was changed through the API.
    pub(crate) fn resume_after_edit(&mut self, at: u64, id: &str) {
        let lag = self.lag();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        execution.state.push(Status::Restarted, at);
        let event = Event {
            execution: id.to_owned(),
            kind: EventKind::Advance,
        };
        self.events.add(at + lag, event);
    }
}
