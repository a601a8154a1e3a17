//! Finds the next tasks as Kestra's executor does: from the flow and the task runs so far.

use serde_json::{Map, Value};

use super::{
    EventKind,
    task::tolerated,
    walk::{Iteration, Outcome, Walk},
};
use crate::{
    execution::{Execution, Status},
    flow::text,
    id::Ids,
    pebble, plugin,
    settings::Dialect,
};

/// Creates the task runs that can start, and ends the execution if no tasks remain.
pub(crate) fn advance(
    execution: &mut Execution,
    ids: &mut Ids,
    events: &mut Vec<(u64, EventKind)>,
    at: u64,
    dialect: Dialect,
) {
    let flow = execution.flow.clone();
    let mut walk = Walk {
        execution,
        ids,
        events,
        at,
        dialect,
    };
    let Some(mut status) = walk.sequence(flow.list("tasks"), None, None) else {
        return;
    };
    if status == Status::Failed && walk.sequence(flow.list("errors"), None, None).is_none() {
        return;
    }
    match walk.sequence(flow.list("finally"), None, None) {
        None => return,
        Some(Status::Failed) => status = Status::Failed,
        Some(_) => {}
    }
    if !status.stops() {
        match outputs(walk.execution) {
            Ok(outputs) => walk.execution.outputs = outputs,
            Err(_) => status = Status::Failed,
        }
    }
    walk.execution.state.push(status, at);
}

fn outputs(execution: &Execution) -> Result<Option<Map<String, Value>>, String> {
    let list = execution.flow.list("outputs");
    if list.is_empty() {
        return Ok(None);
    }
    let variables = execution.variables(None);
    let mut values = Map::new();
    for output in list {
        let value = output.get("value").cloned().unwrap_or(Value::Null);
        let value = pebble::render_value(&value, &variables)?;
        let value = match (text(output, "type"), &value) {
            ("STRING" | "", _) => value,
            (_, Value::String(text)) => serde_json::from_str(text).unwrap_or(value),
            _ => value,
        };
        values.insert(text(output, "id").to_owned(), value);
    }
    Ok(Some(values))
}

impl Walk<'_> {
    /// Runs tasks in sequence.
    fn sequence(
        &mut self,
        tasks: &[Value],
        parent: Option<usize>,
        iteration: Option<&Iteration>,
    ) -> Outcome {
        let mut worst = Status::Success;
        for task in tasks {
            match self.advance_task(task, parent, iteration)? {
                status if status.stops() => return Some(status),
                Status::Warning => worst = Status::Warning,
                _ => {}
            }
        }
        Some(worst)
    }

    /// The combined outcome of tasks that run in parallel.
    fn combine(outcomes: &[Outcome]) -> Outcome {
        if outcomes.contains(&None) {
            return None;
        }
        let has = |status| outcomes.contains(&Some(status));
        Some(if has(Status::Killed) {
            Status::Killed
        } else if has(Status::Failed) {
            Status::Failed
        } else if has(Status::Warning) {
            Status::Warning
        } else {
            Status::Success
        })
    }

    fn advance_task(
        &mut self,
        task: &Value,
        parent: Option<usize>,
        iteration: Option<&Iteration>,
    ) -> Outcome {
        if task.get("disabled") == Some(&Value::Bool(true)) {
            return Some(Status::Success);
        }
        let id = text(task, "id");
        let found = self.execution.runs.iter().position(|run| {
            run.task_id == id
                && run.parent == parent
                && iteration.is_none_or(|(value, at)| {
                    run.value.as_ref() == Some(value) && run.iteration == Some(*at)
                })
        });
        let run = match found {
            Some(run) => run,
            None => self.create(task, parent, iteration),
        };
        self.advance_run(task, run)
    }

    fn advance_run(&mut self, task: &Value, run: usize) -> Outcome {
        let status = self.execution.runs.get(run)?.status();
        if status.is_terminal() {
            return Some(status);
        }
        let kind = text(task, "type");
        let holds = plugin::is_flowable(kind)
            && !kind.ends_with(".Subflow")
            && !kind.ends_with(".Pause")
            && status == Status::Running;
        if !holds {
            return None;
        }
        let outcome = tolerated(task, self.children(task, kind, run)?);
        if let Some(found) = self.execution.runs.get_mut(run) {
            found.state.push(outcome, self.at);
            if let Some(attempt) = found.attempts.last_mut() {
                attempt.state.push(outcome, self.at);
            }
            found.outputs.get_or_insert_default();
        }
        Some(outcome)
    }

    fn children(&mut self, task: &Value, kind: &str, run: usize) -> Outcome {
        let list = |field: &str| {
            task.get(field)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice)
        };
        let variables = self.execution.variables(Some(run));
        let render = |field: &str| match task.get(field) {
            Some(Value::String(text)) => pebble::render(text, &variables),
            Some(other) => pebble::render_value(other, &variables).map(|value| value.to_string()),
            None => Ok(String::new()),
        };
        let parent = Some(run);
        let mut outcome = match kind.rsplit('.').next().unwrap_or_default() {
            "If" => {
                let Ok(condition) = render("condition") else {
                    return Some(Status::Failed);
                };
                let branch = if pebble::truthy(&condition) {
                    "then"
                } else {
                    "else"
                };
                self.sequence(list(branch), parent, None)?
            }
            "Switch" => {
                let Ok(value) = render("value") else {
                    return Some(Status::Failed);
                };
                let case = task
                    .get("cases")
                    .and_then(|cases| cases.get(&value)?.as_array());
                let tasks = case.map_or_else(|| list("defaults"), Vec::as_slice);
                self.sequence(tasks, parent, None)?
            }
            "Parallel" | "Dag" => {
                let outcomes: Vec<Outcome> = list("tasks")
                    .iter()
                    .map(|child| {
                        self.advance_task(child.get("task").unwrap_or(child), parent, None)
                    })
                    .collect();
                Self::combine(&outcomes)?
            }
            "ForEach" | "EachSequential" | "EachParallel" => {
                let field = if kind.ends_with(".ForEach") {
                    "values"
                } else {
                    "value"
                };
                let Ok(values) = render(field) else {
                    return Some(Status::Failed);
                };
                let limit = task.get("concurrencyLimit").and_then(Value::as_u64);
                let side_by_side = kind.ends_with(".EachParallel") || limit.is_some_and(|l| l != 1);
                self.for_each(list("tasks"), run, &values, side_by_side)?
            }
            // Each item is an execution of its own; those are not modelled.
            "Loop" => Status::Success,
            "AllowFailure" => match self.sequence(list("tasks"), parent, None)? {
                Status::Failed => Status::Warning,
                status => status,
            },
            _ => self.sequence(list("tasks"), parent, None)?,
        };
        if outcome == Status::Failed {
            self.sequence(list("errors"), parent, None)?;
        }
        if self.sequence(list("finally"), parent, None)? == Status::Failed {
            outcome = Status::Failed;
        }
        Some(outcome)
    }

    fn for_each(&mut self, tasks: &[Value], run: usize, values: &str, combine: bool) -> Outcome {
        let Ok(Value::Array(values)) = serde_json::from_str(values) else {
            return Some(Status::Failed);
        };
        let mut outcomes = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let outcome = self.sequence(tasks, Some(run), Some(&(value, at)));
            if !combine {
                match outcome? {
                    status if status.stops() => return Some(status),
                    _ => {}
                }
            }
            outcomes.push(outcome);
        }
        Self::combine(&outcomes)
    }
}
