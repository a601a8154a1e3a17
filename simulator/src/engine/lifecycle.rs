//! Creating, starting and ending executions.

use serde_json::{Map, Value, json};

use super::{Event, EventKind};
use crate::{
    execution::{Execution, State, Status},
    flow::{Shared, text},
    world::World,
};

impl World {
    pub(super) fn start_execution(&mut self, at: u64, id: &str) {
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
                let behavior = flow.fields.get("concurrency").map(|c| text(c, "behavior"));
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

    /// A new execution in state CREATED, without inputs. It is not stored yet.
    pub(crate) fn new_execution(&mut self, at: u64, flow: &Shared) -> Execution {
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
            shows_empty_runs: false,
            parent_id: None,
            original_id: id.clone(),
            trigger: None,
            attempt_number: 1,
            original_created: at,
            schedule_date: None,
            kind: None,
            awaited_by: None,
            id,
        }
    }

    /// Stores an execution and schedules its start.
    pub(crate) fn add_execution(&mut self, execution: Execution, begins: u64) {
        let id = execution.id.clone();
        self.executions.push(execution);
        self.events.add(
            begins,
            Event {
                execution: id,
                kind: EventKind::Start,
            },
        );
    }

    /// Reports the outcome to the parent that waits for it, and starts a queued execution of the
    /// flow.
    pub(super) fn on_end(&mut self, at: u64, id: &str) {
        let Some(execution) = self.execution(id) else {
            return;
        };
        let (awaited_by, status) = (execution.awaited_by.clone(), execution.state.current());
        let outputs = execution.outputs.clone().unwrap_or_default();
        let flow = execution.flow.clone();
        if let Some((parent, run_id)) = awaited_by {
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
                let kind = EventKind::Finish {
                    run,
                    generation,
                    status,
                    outputs,
                };
                self.events.add(
                    at,
                    Event {
                        execution: parent,
                        kind,
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
            let (execution, kind) = (next.id.clone(), EventKind::Advance);
            self.events.add(at, Event { execution, kind });
        }
    }
}
