//! Labels of terminated executions.

use serde_json::Value;

use super::action::{id, shown, v1, v2};
use crate::{
    error::ApiError, flow::text, request::Request, response::Response, route::Route,
    settings::Dialect, world::World,
};

pub(crate) const ROUTES: &[Route] = &[
    v1("/executions/{}/labels", labels),
    v2("/executions/{}/actions/labels", labels),
];

/// Labels, in order.
type Labels = Vec<(String, String)>;

fn labels(world: &mut World, request: &Request) -> Result<Response, ApiError> {
    if request.body.is_empty() {
        return Err(ApiError::missing_body("labels"));
    }
    let body = request.json()?;
    // A single object counts as a list of one.
    let given = match &body {
        Value::Array(labels) => labels.as_slice(),
        other => std::slice::from_ref(other),
    };
    check(request, given)?;
    let id = id(world, request)?;
    label_one(world, &id, given, Given::Replace)?;
    shown(world, request, &id, None)
}

/// How new labels combine with the old.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Given {
    /// They replace all but the system labels.
    Replace,
    /// They replace those with the same keys.
    Merge,
}

/// Rejects malformed labels.
fn check(request: &Request, labels: &[Value]) -> Result<(), ApiError> {
    let mut errors = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let path = |field: &str| format!("setLabelsOnTerminatedExecution.labels[{at}].{field}");
        let empty = || "must not be empty".to_owned();
        match label.get("key").map(plain) {
            None => errors.push((empty(), path("key"))),
            Some(key) if key.is_empty() => {
                errors.push((empty(), path("key")));
                errors.push((NOT_A_KEY.to_owned(), path("key")));
                if request.dialect.is_v2() {
                    let last = errors.len();
                    errors.swap(last - 1, last - 2);
                }
            }
            Some(_) => {}
        }
        if label.get("value").map(plain).unwrap_or_default().is_empty() {
            errors.push((empty(), path("value")));
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let message: Vec<String> = errors
        .iter()
        .map(|(message, path)| format!("{path}: {message}"))
        .collect();
    Err(ApiError::invalid_entity(message.join(", "), errors))
}

const NOT_A_KEY: &str = "Invalid label key. A valid key contains only lowercase letters numbers \
                         hyphens (-) underscores (_) or periods (.) and must begin with a \
                         lowercase letter.";

/// A scalar as a string.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Sets labels of an execution; system labels are never removed.
pub(crate) fn label_one(
    world: &mut World,
    id: &str,
    labels: &[Value],
    given: Given,
) -> Result<(), ApiError> {
    let dialect = world.dialect();
    let execution = world.execution_mut(id).ok_or_else(ApiError::not_found)?;
    let new: Labels = labels
        .iter()
        .map(|label| {
            (
                text(label, "key").to_owned(),
                label.get("value").map(plain).unwrap_or_default(),
            )
        })
        .collect();
    if !execution.state.current().is_terminal() {
        let message = "The execution is not terminated";
        let body = Value::String(message.to_owned());
        return Err(ApiError::with_body(400, "bad-request", message, body));
    }
    if let Some((key, value)) = new.iter().find(|(key, _)| key.starts_with("system.")) {
        return Err(ApiError::illegal_argument(format!(
            "System labels can only be set by Kestra itself, offending label: {key}={value}"
        )));
    }
    let mut old = execution.labels.clone();
    let mut all = Labels::new();
    let order = match given {
        Given::Replace => {
            old.retain(|(key, _)| key.starts_with("system."));
            [new, old]
        }
        Given::Merge => [old, new],
    };
    let unique = dialect == Dialect::V1_3 && given == Given::Replace;
    for (key, value) in order.into_iter().flatten() {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) if unique => {
                return Err(ApiError::illegal_state(format!(
                    "Duplicate key {key} (attempted merging values {old} and {value})"
                )));
            }
            Some((_, old)) => *old = value,
            None => all.push((key, value)),
        }
    }
    if dialect == Dialect::V1_3 {
        hashed(&mut all);
    }
    execution.labels = all;
    Ok(())
}

/// Sorts labels into the order of Java's `HashMap`, in which 1.3 collects them.
fn hashed(labels: &mut Labels) {
    let mut slots: u32 = 16;
    while labels.len() * 4 > usize::try_from(slots).unwrap_or(usize::MAX) * 3 {
        slots *= 2;
    }
    labels.sort_by_key(|(key, _)| {
        let hash = key.encode_utf16().fold(0_u32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(u32::from(unit))
        });
        (hash ^ hash >> 16) & (slots - 1)
    });
}
