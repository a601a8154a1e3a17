//! Which task comes next, as Kestra's executor finds it: from the flow and the runs so far.

use serde_json::{Map, Value, json};

use super::{Child, Happening, task::tolerated};
use crate::{
    execution::{Attempt, Execution, State, Status, TaskRun},
    flow::text,
    id::Ids,
    pebble, plugin,
    settings::Dialect,
    time,
};

/// Milliseconds from a task run's creation to its submission, and to its start.
const SUBMITTED_AFTER: u64 = 20;
const STARTED_AFTER: u64 = 60;

/// Creates the runs that can start, and ends the execution when nothing is left.
pub(crate) fn advance(
    execution: &mut Execution,
    ids: &mut Ids,
    events: &mut Vec<(u64, Happening)>,
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
    let scope = execution.scope(None);
    let mut values = Map::new();
    for output in list {
        let value = output.get("value").cloned().unwrap_or(Value::Null);
        let value = pebble::render_value(&value, &scope)?;
        let value = match (text(output, "type"), &value) {
            ("STRING" | "", _) => value,
            (_, Value::String(text)) => serde_json::from_str(text).unwrap_or(value),
            _ => value,
        };
        values.insert(text(output, "id").to_owned(), value);
    }
    Ok(Some(values))
}

struct Walk<'a> {
    execution: &'a mut Execution,
    ids: &'a mut Ids,
    events: &'a mut Vec<(u64, Happening)>,
    at: u64,
    dialect: Dialect,
}

/// The place of a run among the iterations of the task around it.
type Turn = (String, usize);

/// `None`: not over yet.
type Outcome = Option<Status>;

impl Walk<'_> {
    /// Runs tasks one after another.
    fn sequence(&mut self, tasks: &[Value], parent: Option<usize>, turn: Option<&Turn>) -> Outcome {
        let mut worst = Status::Success;
        for task in tasks {
            match self.one(task, parent, turn)? {
                status if status.stops() => return Some(status),
                Status::Warning => worst = Status::Warning,
                _ => {}
            }
        }
        Some(worst)
    }

    /// Runs several outcomes side by side.
    fn together(outcomes: &[Outcome]) -> Outcome {
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

    fn one(&mut self, task: &Value, parent: Option<usize>, turn: Option<&Turn>) -> Outcome {
        if task.get("disabled") == Some(&Value::Bool(true)) {
            return Some(Status::Success);
        }
        let id = text(task, "id");
        let found = self.execution.runs.iter().position(|run| {
            run.task_id == id
                && run.parent == parent
                && turn.is_none_or(|(value, at)| {
                    run.value.as_ref() == Some(value) && run.iteration == Some(*at)
                })
        });
        let run = match found {
            Some(run) => run,
            None => self.create(task, parent, turn),
        };
        self.progress(task, run)
    }

    fn create(&mut self, task: &Value, parent: Option<usize>, turn: Option<&Turn>) -> usize {
        let at = self.at;
        let position = self.execution.runs.len();
        let (value, iteration) = turn.cloned().unzip();
        self.execution.runs.push(TaskRun {
            id: self.ids.next(),
            task_id: text(task, "id").to_owned(),
            parent,
            value,
            iteration,
            state: State::new(Status::Created, at),
            attempts: Vec::new(),
            outputs: None,
            generation: 0,
        });
        let condition = task.get("runIf").and_then(Value::as_str);
        let skipped = condition.is_some_and(|condition| {
            let scope = self.execution.scope(Some(position));
            !pebble::render(condition, &scope).is_ok_and(|text| pebble::truthy(&text))
        });
        if skipped {
            self.push(position, Status::Skipped);
            return position;
        }
        if plugin::is_flowable(text(task, "type")) {
            self.open(task, position);
        } else {
            let (run, generation) = (position, 0);
            let events = &mut *self.events;
            events.push((at + SUBMITTED_AFTER, Happening::Submit { run, generation }));
            events.push((at + STARTED_AFTER, Happening::Run { run, generation }));
        }
        position
    }

    /// Starts a task that the executor itself runs.
    fn open(&mut self, task: &Value, run: usize) {
        let at = self.at;
        match text(task, "type") {
            "io.kestra.plugin.core.flow.Subflow" => self.subflow(task, run),
            "io.kestra.plugin.core.flow.Pause" => {
                self.push(run, Status::Running);
                self.attempt(run);
                self.push(run, Status::Paused);
                if let Some(found) = self.execution.runs.get_mut(run) {
                    found.outputs = Some(Map::new());
                }
                self.execution.state.push(Status::Paused, at);
                let lasts = ["pauseDuration", "delay"]
                    .iter()
                    .find_map(|field| time::parse_duration(text(task, field)));
                if let Some(lasts) = lasts {
                    let happening = Happening::Resume { run, generation: 0 };
                    self.events.push((at + lasts, happening));
                }
            }
            _ => {
                self.push(run, Status::Running);
                self.attempt(run);
            }
        }
    }

    fn subflow(&mut self, task: &Value, run: usize) {
        // Seen one moment after its creation in 2.0, and never with an attempt while it runs.
        if self.dialect.is_v2() {
            let (generation, at) = (0, self.at);
            self.events
                .push((at + SUBMITTED_AFTER, Happening::Open { run, generation }));
        } else {
            self.push(run, Status::Running);
        }
        let scope = self.execution.scope(Some(run));
        let given = task.get("inputs").cloned().unwrap_or_else(|| json!({}));
        let rendered = pebble::render_value(&given, &scope);
        let render = |field: &str| pebble::render(text(task, field), &scope).unwrap_or_default();
        let child = Child {
            run,
            namespace: render("namespace"),
            flow_id: render("flowId"),
            inputs: rendered
                .ok()
                .and_then(|v| v.as_object().cloned())
                .unwrap_or_default(),
            wait: task.get("wait") != Some(&Value::Bool(false)),
        };
        self.events
            .push((self.at + SUBMITTED_AFTER, Happening::Spawn(Box::new(child))));
    }

    fn push(&mut self, run: usize, status: Status) {
        let at = self.at;
        if let Some(run) = self.execution.runs.get_mut(run) {
            run.state.push(status, at);
        }
    }

    fn attempt(&mut self, run: usize) {
        let mut state = State::new(Status::Created, self.at);
        state.push(Status::Running, self.at);
        if let Some(run) = self.execution.runs.get_mut(run) {
            run.attempts.push(Attempt {
                state,
                on_worker: false,
            });
        }
    }

    fn progress(&mut self, task: &Value, run: usize) -> Outcome {
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
        let outcome = tolerated(task, self.inside(task, kind, run)?);
        if let Some(found) = self.execution.runs.get_mut(run) {
            found.state.push(outcome, self.at);
            if let Some(attempt) = found.attempts.last_mut() {
                attempt.state.push(outcome, self.at);
            }
            found.outputs.get_or_insert_default();
        }
        Some(outcome)
    }

    fn inside(&mut self, task: &Value, kind: &str, run: usize) -> Outcome {
        let list = |field: &str| {
            task.get(field)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice)
        };
        let scope = self.execution.scope(Some(run));
        let render = |field: &str| match task.get(field) {
            Some(Value::String(text)) => pebble::render(text, &scope),
            Some(other) => pebble::render_value(other, &scope).map(|value| value.to_string()),
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
                    .map(|child| self.one(child.get("task").unwrap_or(child), parent, None))
                    .collect();
                Self::together(&outcomes)?
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
                self.each(list("tasks"), run, &values, side_by_side)?
            }
            // Its items are executions of their own, which are not modelled.
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

    fn each(&mut self, tasks: &[Value], run: usize, values: &str, together: bool) -> Outcome {
        let Ok(Value::Array(values)) = serde_json::from_str(values) else {
            return Some(Status::Failed);
        };
        let mut outcomes = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let outcome = self.sequence(tasks, Some(run), Some(&(value, at)));
            if !together {
                match outcome? {
                    status if status.stops() => return Some(status),
                    _ => {}
                }
            }
            outcomes.push(outcome);
        }
        Self::together(&outcomes)
    }
}
