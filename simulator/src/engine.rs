//! What happens as time passes: executions move by events at known moments, so their state
//! depends on nothing but the requests and the clock.

use serde_json::{Map, Value, json};

use crate::{
    execution::{Execution, State, Status},
    log,
    world::World,
};

mod control;
pub(crate) mod queue;
pub(crate) mod step;
mod subflow;
pub(crate) mod task;

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

    /// Runs `change` on a run, unless it was restarted or ended since.
    fn with_run<T>(
        &mut self,
        execution: &str,
        run: usize,
        generation: u32,
        change: impl FnOnce(&mut crate::execution::TaskRun) -> T,
    ) -> Option<T> {
        let execution = self.execution_mut(execution)?;
        let run = execution.runs.get_mut(run)?;
        let valid = run.generation == generation && !run.status().is_terminal();
        valid.then(|| change(run))
    }

    fn begin(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution(id) else {
            return;
        };
        if execution.state.current() != Status::Created {
            return;
        }
        let flow = execution.flow.clone();
        let limit = flow
            .fields
            .get("concurrency")
            .and_then(|c| c.get("limit")?.as_u64());
        if let Some(limit) = limit {
            let running = self
                .executions
                .iter()
                .filter(|e| e.flow.id == flow.id && e.flow.namespace == flow.namespace)
                .filter(|e| {
                    use Status::{Killing, Paused, Restarted, Running};
                    matches!(e.state.current(), Running | Paused | Restarted | Killing)
                })
                .count();
            if u64::try_from(running).is_ok_and(|running| running >= limit) {
                let behavior = flow
                    .fields
                    .get("concurrency")
                    .map(|c| crate::flow::text(c, "behavior"));
                let status = match behavior {
                    Some("CANCEL") => Status::Cancelled,
                    Some("FAIL") => Status::Failed,
                    _ => Status::Queued,
                };
                if let Some(execution) = self.execution_mut(id) {
                    execution.state.push(status, at);
                }
                return;
            }
        }
        if let Some(execution) = self.execution_mut(id) {
            execution.state.push(Status::Running, at);
        }
        self.step(at, id);
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

    /// A new execution of a flow, CREATED and without inputs; not yet among the others.
    pub(crate) fn new_execution(&mut self, at: u64, flow: &crate::flow::Shared) -> Execution {
        let id = self.ids.next();
        let mut labels = flow.labels();
        labels.push(("system.from".to_owned(), "api".to_owned()));
        labels.push(("system.correlationId".to_owned(), id.clone()));
        Execution {
            tenant: self.settings.tenant.clone(),
            flow: flow.clone(),
            inputs: None,
            outputs: None,
            labels,
            state: State::new(Status::Created, at),
            runs: Vec::new(),
            shows_no_runs: false,
            parent_id: None,
            original_id: id.clone(),
            trigger: None,
            attempt_number: 1,
            original_created: at,
            schedule_date: None,
            kind: None,
            waiting: None,
            id,
        }
    }

    /// Takes up an execution that begins at a moment.
    pub(crate) fn add_execution(&mut self, execution: Execution, begins: u64) {
        let id = execution.id.clone();
        self.executions.push(execution);
        self.agenda.add(
            begins,
            Event {
                execution: id,
                happening: Happening::Begin,
            },
        );
    }

    fn run_task(&mut self, at: u64, id: &str, run: usize, generation: u32) {
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
        found.attempts.push(crate::execution::Attempt {
            state,
            on_worker: true,
        });
        let Some(task) = execution.task(&found_id(execution, run)).cloned() else {
            return;
        };
        let mut scope = execution.scope(Some(run));
        if let Some(fields) = scope.as_object_mut() {
            fields.insert("kv".to_owned(), values);
        }
        let plan = task::plan(&task, &scope);
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
        let happening = Happening::End {
            run,
            generation,
            status,
            outputs,
        };
        self.agenda.add(
            at + plan.lasts,
            Event {
                execution: id.to_owned(),
                happening,
            },
        );
    }

    fn end_task(
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
        // What ends while it is being killed is killed.
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
            found.attempts.push(crate::execution::Attempt {
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
            let happening = Happening::Run { run, generation };
            self.agenda.add(
                at + interval,
                Event {
                    execution: id.to_owned(),
                    happening,
                },
            );
            return;
        }
        found.state.push(task::tolerated(&task, status), at);
        self.step(at, id);
    }

    /// Tells who waits, and lets a queued execution of the flow begin.
    fn ended(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution(id) else {
            return;
        };
        let (waiting, status) = (execution.waiting.clone(), execution.state.current());
        let outputs = execution.outputs.clone().unwrap_or_default();
        let flow = execution.flow.clone();
        if let Some((parent, run_id)) = waiting {
            let values = Map::from_iter([
                ("executionId".to_owned(), json!(id)),
                ("outputs".to_owned(), Value::Object(outputs)),
                ("state".to_owned(), json!(status.text())),
            ]);
            let found = self.execution(&parent).and_then(|parent| {
                let run = parent.runs.iter().position(|run| run.id == run_id)?;
                let task = parent.task(&parent.runs.get(run)?.task_id)?;
                let transmit = task.get("transmitFailed") != Some(&Value::Bool(false));
                Some((run, parent.runs.get(run)?.generation, transmit))
            });
            if let Some((run, generation, transmit)) = found {
                let status = if transmit { status } else { Status::Success };
                let outputs = Some(values);
                let happening = Happening::End {
                    run,
                    generation,
                    status,
                    outputs,
                };
                self.agenda.add(
                    at,
                    Event {
                        execution: parent,
                        happening,
                    },
                );
            }
        }
        let next = self
            .executions
            .iter_mut()
            .filter(|e| e.flow.id == flow.id && e.flow.namespace == flow.namespace)
            .find(|e| e.state.current() == Status::Queued);
        if let Some(next) = next {
            next.state.push(Status::Running, at);
            let (execution, happening) = (next.id.clone(), Happening::Step);
            self.agenda.add(
                at,
                Event {
                    execution,
                    happening,
                },
            );
        }
    }
}

fn found_id(execution: &Execution, run: usize) -> String {
    execution
        .runs
        .get(run)
        .map(|run| run.task_id.clone())
        .unwrap_or_default()
}
