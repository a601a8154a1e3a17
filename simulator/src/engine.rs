//! What happens as time passes: executions move by events at known moments, so their state
//! depends on nothing but the requests and the clock.

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

pub(crate) use queue::{Agenda, Child, Event, Happening};

impl World {
    /// Lets everything happen that was due by `now`.
    pub(crate) fn run_until(&mut self, now: u64) {
        while let Some((at, event)) = self.agenda.due(now) {
            self.happen(at, event);
        }
    }

    /// Lets an execution go on until it ends or waits for someone.
    pub(crate) fn await_end(&mut self, id: &str, from: u64) {
        let mut now = from;
        while let Some(next) = self.agenda.next_of(id) {
            let ended = self.execution(id).is_none_or(|e| e.state.end().is_some());
            if ended {
                break;
            }
            now = now.max(next);
            self.run_until(now);
        }
    }

    /// How long 1.3 takes to notice what 2.0 does within the request.
    pub(crate) fn lag(&self) -> u64 {
        if self.dialect().is_v2() { 0 } else { 100 }
    }

    fn happen(&mut self, at: u64, event: Event) {
        let Event {
            execution,
            happening,
        } = event;
        match happening {
            Happening::Begin => self.begin(at, &execution),
            Happening::Step => self.step(at, &execution),
            Happening::Submit { run, generation } => {
                self.with_run(&execution, run, generation, |run| {
                    run.state.push(Status::Submitted, at);
                });
            }
            Happening::Open { run, generation } => {
                self.with_run(&execution, run, generation, |run| {
                    run.state.push(Status::Running, at);
                });
            }
            Happening::Run { run, generation } => self.run_task(at, &execution, run, generation),
            Happening::End {
                run,
                generation,
                status,
                outputs,
            } => {
                self.end_task(at, &execution, run, generation, status, outputs);
            }
            Happening::Resume { run, generation } => {
                let paused = self.execution(&execution).is_some_and(|e| {
                    e.runs.get(run).is_some_and(|r| r.generation == generation)
                        && e.state.current() == Status::Paused
                });
                if paused {
                    let to = self.pause_comes_to(&execution, run);
                    self.resume(at, &execution, to, None);
                }
            }
            Happening::Spawn(child) => self.start_child(at, &execution, &child),
            Happening::Killing => self.killing(at, &execution),
            Happening::Killed => self.killed(at, &execution),
        }
    }

    /// Creates what can be created, and ends what is over.
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
        for (when, happening) in events {
            self.agenda.add(
                when,
                Event {
                    execution: id.to_owned(),
                    happening,
                },
            );
        }
        if ended {
            self.ended(at, id);
        }
    }
}
