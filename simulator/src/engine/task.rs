//! The effects of the tasks that workers run.

use serde_json::{Map, Value, json};

use crate::{execution::Status, flow::text, log, pebble, time};

/// The outcome of a task run, which is known when it starts.
pub(crate) struct Plan {
    /// Milliseconds.
    pub(crate) duration: u64,
    pub(crate) status: Status,
    pub(crate) outputs: Map<String, Value>,
    pub(crate) logs: Vec<(&'static str, String)>,
}

/// Milliseconds that a task takes unless it waits.
const DEFAULT_DURATION: u64 = 25;

/// Computes the outcome of a task that is not flowable.
pub(crate) fn plan(task: &Value, variables: &Value) -> Plan {
    let mut plan = Plan {
        duration: DEFAULT_DURATION,
        status: Status::Success,
        outputs: Map::new(),
        logs: Vec::new(),
    };
    if let Err(message) = evaluate(&mut plan, task, variables) {
        fail(&mut plan, &message);
    }
    let timeout = task
        .get("timeout")
        .and_then(Value::as_str)
        .and_then(time::parse_duration);
    if let Some(timeout) = timeout.filter(|timeout| *timeout < plan.duration) {
        plan.duration = timeout;
        fail(&mut plan, "Timeout after the configured duration");
    }
    plan
}

fn fail(plan: &mut Plan, message: &str) {
    plan.status = Status::Failed;
    plan.logs.push(("ERROR", message.to_owned()));
    let trace = format!("java.lang.Exception: {message}\n\tat io.kestra.worker.DefaultWorker.run");
    plan.logs.push(("TRACE", trace));
}

fn evaluate(plan: &mut Plan, task: &Value, variables: &Value) -> Result<(), String> {
    let rendered = |field: &str| pebble::render(text(task, field), variables);
    let kind = text(task, "type");
    match kind.strip_prefix("io.kestra.plugin.").unwrap_or(kind) {
        "core.log.Log" => {
            let level = log::level(&rendered("level")?);
            let messages = match task.get("message") {
                Some(Value::Array(list)) => list.clone(),
                Some(message) => vec![message.clone()],
                None => Vec::new(),
            };
            for message in messages {
                let message = pebble::render_value(&message, variables)?;
                let message = message
                    .as_str()
                    .map_or_else(|| message.to_string(), str::to_owned);
                plan.logs.push((level, message));
            }
        }
        "core.debug.Return" => {
            let value = rendered("format")?;
            plan.logs.push(("DEBUG", value.clone()));
            plan.outputs.insert("value".to_owned(), json!(value));
        }
        "core.output.OutputValues" => {
            let values = task.get("values").cloned().unwrap_or_else(|| json!({}));
            plan.outputs.insert(
                "values".to_owned(),
                pebble::render_value(&values, variables)?,
            );
        }
        "core.flow.Sleep" => {
            let duration = rendered("duration")?;
            plan.duration = time::parse_duration(&duration)
                .ok_or_else(|| format!("Text cannot be parsed to a Duration: {duration}"))?;
            let waiting = format!("Waiting for {}", time::java_text(plan.duration));
            plan.logs.push(("INFO", waiting));
        }
        "core.execution.Fail" => {
            let condition = task
                .get("condition")
                .map(|_| rendered("condition"))
                .transpose()?;
            if condition.is_none_or(|condition| pebble::truthy(&condition)) {
                let message = rendered("errorMessage")?;
                let message = if message.is_empty() {
                    "Task failure".to_owned()
                } else {
                    message
                };
                fail(plan, &message);
            }
        }
        "core.http.Request" => {
            plan.outputs.insert("code".to_owned(), json!(200));
            plan.outputs.insert("body".to_owned(), json!(""));
        }
        _ => {}
    }
    Ok(())
}

/// The maximum number of attempts, and the milliseconds between them.
pub(crate) fn retry(task: &Value) -> Option<(usize, u64)> {
    let retry = task.get("retry")?;
    let most = retry
        .get("maxAttempts")
        .or_else(|| retry.get("maxAttempt"))?
        .as_u64()?;
    let interval = time::parse_duration(text(retry, "interval")).unwrap_or(0);
    Some((usize::try_from(most).unwrap_or(usize::MAX), interval))
}

/// The status of a task run: with `allowFailure`, a failure counts as a warning.
pub(crate) fn tolerated(task: &Value, status: Status) -> Status {
    let allowed = task.get("allowFailure") == Some(&Value::Bool(true));
    if allowed && status == Status::Failed {
        Status::Warning
    } else {
        status
    }
}
