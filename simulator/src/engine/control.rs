//! What callers do to executions that exist: kill, resume, restart.

use serde_json::{Map, Value};

use super::{Event, Happening};
use crate::{
    execution::{Attempt, State, Status},
    flow::text,
    plugin,
    world::World,
};

impl World {
    /// Asks for a kill; with `cascade` also of the executions it started.
    pub(crate) fn kill(&mut self, at: u64, id: &str, cascade: bool) {
        if cascade {
            let children: Vec<String> = self
                .executions
                .iter()
                .filter(|e| e.waiting.as_ref().is_some_and(|(parent, _)| parent == id))
                .map(|e| e.id.clone())
                .collect();
            for child in children {
                self.kill(at, &child, cascade);
            }
        }
        let noticed = if self.dialect().is_v2() { at } else { at + 60 };
        let event = Event {
            execution: id.to_owned(),
            happening: Happening::Killing,
        };
        self.agenda.add(noticed, event);
    }

    pub(super) fn killing(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        if execution.state.current().is_terminal() || execution.state.current() == Status::Killing {
            return;
        }
        execution.state.push(Status::Killing, at);
        let event = Event {
            execution: id.to_owned(),
            happening: Happening::Killed,
        };
        self.agenda.add(at + 200, event);
    }

    pub(super) fn killed(&mut self, at: u64, id: &str) {
        let v2 = self.dialect().is_v2();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        if execution.state.current() != Status::Killing {
            return;
        }
        for run in &mut execution.runs {
            // 1.3 leaves the run of a subflow RUNNING for ever.
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
        self.ended(at, id);
    }

    /// Resumes a paused execution with the values its pause asked for.
    pub(crate) fn resume(&mut self, at: u64, id: &str, values: &Map<String, Value>) {
        let v2 = self.dialect().is_v2();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        for run in execution
            .runs
            .iter_mut()
            .filter(|run| run.status() == Status::Paused)
        {
            run.state.push(Status::Success, at);
            if let Some(attempt) = run.attempts.last_mut() {
                attempt.state.push(Status::Success, at);
            }
            let outputs = run.outputs.get_or_insert_default();
            if !values.is_empty() {
                outputs.insert("onResume".to_owned(), Value::Object(values.clone()));
            }
        }
        execution.state.push(Status::Restarted, at);
        execution.attempt_number += 1;
        if v2 {
            self.step(at, id);
        } else {
            let event = Event {
                execution: id.to_owned(),
                happening: Happening::Step,
            };
            self.agenda.add(at + self.lag(), event);
        }
    }

    /// Starts an execution again from what failed.
    pub(crate) fn restart(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        let mut again = Vec::new();
        for (position, run) in execution.runs.iter_mut().enumerate() {
            if !run.status().stops() {
                continue;
            }
            run.generation += 1;
            run.state.push(Status::Restarted, at);
            again.push((position, run.generation, run.task_id.clone()));
        }
        execution.state.push(Status::Restarted, at);
        execution.attempt_number += 1;
        execution.label("system.restarted", "true");
        let tasks: Vec<(usize, u32, bool)> = again
            .into_iter()
            .map(|(run, generation, task)| {
                let kind = execution.task(&task).map(|task| text(task, "type"));
                (run, generation, kind.is_some_and(plugin::is_flowable))
            })
            .collect();
        for (run, generation, holds_others) in tasks {
            let happening = if holds_others {
                Happening::Open { run, generation }
            } else {
                Happening::Run { run, generation }
            };
            self.agenda.add(
                at + 100,
                Event {
                    execution: id.to_owned(),
                    happening,
                },
            );
        }
        let event = Event {
            execution: id.to_owned(),
            happening: Happening::Step,
        };
        self.agenda.add(at + 100, event);
    }

    /// Lets a waiting execution run.
    pub(crate) fn set_running(&mut self, at: u64, id: &str) {
        let lag = self.lag();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        execution.state.push(Status::Running, at);
        let event = Event {
            execution: id.to_owned(),
            happening: Happening::Step,
        };
        self.agenda.add(at + lag, event);
    }

    /// Takes an execution up again whose task runs were changed by hand.
    pub(crate) fn go_on(&mut self, at: u64, id: &str) {
        let lag = self.lag();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        execution.state.push(Status::Restarted, at);
        let event = Event {
            execution: id.to_owned(),
            happening: Happening::Step,
        };
        self.agenda.add(at + lag, event);
    }
}
