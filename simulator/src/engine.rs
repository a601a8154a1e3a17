//! A discrete-event engine: executions change state through events scheduled at known times, so
//! their state depends only on the requests and the clock.

use crate::{execution::Status, world::World};

mod control;
mod lifecycle;
pub(crate) mod queue;
mod restart;
mod run;
mod step;
mod subflow;
mod task;
mod walk;

pub(crate) use queue::{Event, EventKind, EventQueue, Subflow};

impl World {
    /// Handles every event due by `now`.
    pub(crate) fn run_until(&mut self, now: u64) {
        while let Some((at, event)) = self.events.due(now) {
            self.handle(at, event);
        }
    }

    /// Runs an execution until it ends or pauses.
    pub(crate) fn await_end(&mut self, id: &str, from: u64) {
        let mut now = from;
        while let Some(next) = self.events.next_of(id) {
            let ended = self.execution(id).is_none_or(|e| e.state.end().is_some());
            if ended {
                break;
            }
            now = now.max(next);
            self.run_until(now);
        }
    }

    /// Milliseconds that the executor of 1.3 takes to pick up a change; 2.0 does it within the
    /// request.
    pub(crate) fn lag(&self) -> u64 {
        if self.dialect().is_v2() { 0 } else { 100 }
    }

    fn handle(&mut self, at: u64, event: Event) {
        let Event { execution, kind } = event;
        match kind {
            EventKind::Start => self.start_execution(at, &execution),
            EventKind::Advance => self.step(at, &execution),
            EventKind::Submit { run, generation } => {
                self.with_run(&execution, run, generation, |run| {
                    run.state.push(Status::Submitted, at);
                });
            }
            EventKind::RunOnExecutor { run, generation } => {
                self.with_run(&execution, run, generation, |run| {
                    run.state.push(Status::Running, at);
                });
            }
            EventKind::RunOnWorker { run, generation } => {
                self.run_task(at, &execution, run, generation);
            }
            EventKind::Finish {
                run,
                generation,
                status,
                outputs,
            } => {
                self.end_task(at, &execution, run, generation, status, outputs);
            }
            EventKind::Resume { run, generation } => {
                let paused = self.execution(&execution).is_some_and(|e| {
                    e.runs.get(run).is_some_and(|r| r.generation == generation)
                        && e.state.current() == Status::Paused
                });
                if paused {
                    let to = self.status_after_pause(&execution, run);
                    self.resume(at, &execution, to, None);
                }
            }
            EventKind::StartSubflow(child) => self.start_child(at, &execution, &child),
            EventKind::BeginKill => self.begin_kill(at, &execution),
            EventKind::FinishKill => self.finish_kill(at, &execution),
        }
    }

    /// Creates the task runs that can start, and ends the execution if no tasks remain.
    pub(crate) fn step(&mut self, at: u64, id: &str) {
        let dialect = self.dialect();
        let Some(execution) = self.execution_mut(id) else {
            return;
        };
        if matches!(execution.state.current(), Status::Restarted) {
            execution.state.push(Status::Running, at);
        }
        if execution.state.current() != Status::Running {
            return;
        }
        let mut ids = std::mem::take(&mut self.ids);
        let mut events = Vec::new();
        let ended = self.execution_mut(id).is_some_and(|execution| {
            step::advance(execution, &mut ids, &mut events, at, dialect);
            execution.state.current().is_terminal()
        });
        self.ids = ids;
        for (when, kind) in events {
            self.events.add(
                when,
                Event {
                    execution: id.to_owned(),
                    kind,
                },
            );
        }
        if ended {
            self.on_end(at, id);
        }
    }
}
