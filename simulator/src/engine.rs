//! What happens as time passes: executions move by events at known moments, so their state
//! depends on nothing but the requests and the clock.

use serde_json::{Map, Value, json};

use crate::{
    execution::{Execution, State, Status},
    log,
    world::World,
};

pub(crate) mod agenda;
pub(crate) mod step;
pub(crate) mod task;

pub(crate) use agenda::{Agenda, Event, Happening};

/// A subflow to start.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) run: usize,
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    pub(crate) inputs: Map<String, Value>,
    pub(crate) wait: bool,
}

impl World {
    /// Lets everything happen that was due by `now`.
    pub(crate) fn run_until(&mut self, now: u64) {
        while let Some((at, event)) = self.agenda.due(now) {
            self.happen(at, event);
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
                    self.resume(at, &execution, &Map::new());
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

    fn start_child(&mut self, at: u64, id: &str, child: &Child) {
        let Some(parent) = self.execution(id) else {
            return;
        };
        let Some(run) = parent.runs.get(child.run) else {
            return;
        };
        let (run_id, generation) = (run.id.clone(), run.generation);
        let variables = json!({
            "namespace": parent.flow.namespace, "flowId": parent.flow.id,
            "flowRevision": parent.flow.revision, "executionId": parent.id,
            "taskId": run.task_id, "taskRunId": run.id,
        });
        let trigger = json!({
            "id": run.task_id, "type": "io.kestra.plugin.core.flow.Subflow",
            "variables": variables,
        });
        let labels: Vec<(String, String)> = parent
            .labels
            .iter()
            .filter(|(key, _)| key == "system.correlationId" || key == "system.from")
            .cloned()
            .collect();
        let flow = self.flows.get(&child.namespace, &child.flow_id).cloned();
        let Some(flow) = flow else {
            let (outputs, status) = (Some(Map::new()), Status::Failed);
            let happening = Happening::End {
                run: child.run,
                generation,
                status,
                outputs,
            };
            self.agenda.add(
                at,
                Event {
                    execution: id.to_owned(),
                    happening,
                },
            );
            return;
        };
        let sent = child.inputs.clone();
        let mut execution = self.new_execution(at, &flow);
        if !flow.list("inputs").is_empty() {
            let (stored, clear) = (sent.clone(), sent.clone());
            execution.inputs = Some(crate::execution::Inputs {
                sent,
                stored,
                clear,
            });
        }
        execution.labels = labels;
        execution.trigger = Some(trigger);
        execution.waiting = Some((id.to_owned(), run_id));
        let child_id = execution.id.clone();
        self.add_execution(execution, at + self.lag());
        if !child.wait {
            let outputs = Some(Map::from_iter([(
                "executionId".to_owned(),
                json!(child_id),
            )]));
            let status = Status::Success;
            let happening = Happening::End {
                run: child.run,
                generation,
                status,
                outputs,
            };
            self.agenda.add(
                at,
                Event {
                    execution: id.to_owned(),
                    happening,
                },
            );
        }
    }

    /// A new execution of a flow, CREATED and without inputs; not yet among the others.
    pub(crate) fn new_execution(&mut self, at: u64, flow: &crate::flow::Shared) -> Execution {
        let id = self.ids.next();
        let mut labels = flow.labels();
        labels.push(("system.from".to_owned(), "api".to_owned()));
        labels.push(("system.correlationId".to_owned(), id.clone()));
        Execution {
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
        let plan = task::plan(&task, &execution.scope(Some(run)));
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

    fn killing(&mut self, at: u64, id: &str) {
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

    fn killed(&mut self, at: u64, id: &str) {
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
                let attempt = crate::execution::Attempt {
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
                let kind = execution
                    .task(&task)
                    .map(|task| crate::flow::text(task, "type"));
                (
                    run,
                    generation,
                    kind.is_some_and(crate::plugin::is_flowable),
                )
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
}

fn found_id(execution: &Execution, run: usize) -> String {
    execution
        .runs
        .get(run)
        .map(|run| run.task_id.clone())
        .unwrap_or_default()
}
