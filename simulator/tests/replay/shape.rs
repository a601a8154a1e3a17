//! Compares answers: keys and kinds everywhere, and texts that do not vary between recordings.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::Answer;

/// The differences between an answer and the recorded one; learns which id corresponds to which.
pub(crate) fn differences(
    recorded: &Value,
    answer: &Answer,
    ids: &mut BTreeMap<String, String>,
) -> Vec<String> {
    let mut found = Vec::new();
    if recorded["status"].as_u64() != Some(answer.status) {
        let body = String::from_utf8_lossy(&answer.body);
        let body: String = body.chars().take(300).collect();
        found.push(format!(
            "status {} is {}: {body}",
            recorded["status"], answer.status
        ));
        return found;
    }
    let media_type = |text: &str| text.split(';').next().unwrap_or("").trim().to_owned();
    let expected = recorded["headers"]["content-type"].as_str().map(media_type);
    let actual = answer.content_type.as_deref().map(media_type);
    if expected != actual {
        found.push(format!("media type {expected:?} is {actual:?}"));
    }
    if let Some(size) = recorded["body"]["bytes"].as_u64() {
        found.extend(left_out(&recorded["body"], size, answer));
        return found;
    }
    let body = match serde_json::from_slice(&answer.body) {
        _ if answer.body.is_empty() => Value::Null,
        Ok(json) => json,
        Err(_) => Value::String(String::from_utf8_lossy(&answer.body).into_owned()),
    };
    compare(
        "body",
        &opened(&recorded["body"]),
        &opened(&body),
        ids,
        &mut found,
    );
    found
}

/// Compares with a body that the recordings omit: the fields of an object, else the size.
fn left_out(recorded: &Value, size: u64, answer: &Answer) -> Option<String> {
    let Some(keys) = recorded["keys"].as_array() else {
        return (usize::try_from(size) != Ok(answer.body.len()))
            .then(|| format!("body has {} bytes instead of {size}", answer.body.len()));
    };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut actual: Vec<&String> = body.as_object()?.keys().collect();
    actual.sort();
    (keys.iter().map(Value::as_str).collect::<Vec<_>>()
        != actual
            .iter()
            .map(|key| Some(key.as_str()))
            .collect::<Vec<_>>())
    .then(|| format!("body has {actual:?} instead of {keys:?}"))
}

/// A text that the recordings cut (`…[123]` at its end): the part before the cut.
fn cut(text: &str) -> Option<&str> {
    let (begin, size) = text.rsplit_once("…[")?;
    let size = size.strip_suffix(']')?;
    size.bytes().all(|b| b.is_ascii_digit()).then_some(begin)
}

fn compare(
    path: &str,
    recorded: &Value,
    actual: &Value,
    ids: &mut BTreeMap<String, String>,
    found: &mut Vec<String>,
) {
    match (recorded, actual) {
        (Value::Object(a), Value::Object(b)) => {
            // Headers of the request depend on the client.
            if path.ends_with(".variables.headers") {
                return;
            }
            // The development build counts two log entries that no answer shows.
            let uncounted = a
                .get("results")
                .is_some_and(|rows| rows[0]["thread"].is_string());
            for (key, value) in a.iter().filter(|(key, _)| !uncounted || *key != "total") {
                match b.get(key) {
                    Some(other) => compare(&format!("{path}.{key}"), value, other, ids, found),
                    None => found.push(format!("{path}.{key} is missing ({value})")),
                }
            }
            for (key, value) in b {
                if !a.contains_key(key) {
                    found.push(format!("{path}.{key} is too much ({value})"));
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let (a, b) = (&merged(a), &merged(b));
            // The length of a history depends on timing.
            let settled = !path.ends_with(".histories");
            if (settled && a.len() != b.len()) || a.is_empty() != b.is_empty() {
                found.push(format!(
                    "{path} has {} items instead of {}",
                    b.len(),
                    a.len()
                ));
            }
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{at}]"), a, b, ids, found);
            }
        }
        (Value::String(a), Value::String(b)) => {
            if is_id(a) && is_id(b) {
                if a != b {
                    ids.insert(a.clone(), b.clone());
                }
                return;
            }
            if let Some(begin) = cut(a) {
                if !b.starts_with(begin) {
                    found.push(format!("{path} is {b:?} instead of {a:?}"));
                }
                return;
            }
            let a = &a.replace("{storage}", STORAGE);
            let a = &ids
                .iter()
                .fold(a.clone(), |text, (old, new)| text.replace(old, new));
            match (serde_json::from_str(a), serde_json::from_str(b)) {
                (Ok(a @ Value::Object(_)), Ok(b)) => compare(path, &a, &b, ids, found),
                _ if plain(path, a) != plain(path, b) => {
                    found.push(format!("{path} is {b:?} instead of {a:?}"));
                }
                _ => {}
            }
        }
        (a, b) => {
            let moment = ["lastModifiedTime", "creationTime", "value"];
            let field = path.rsplit('.').next().unwrap_or(path);
            if a.is_number() && !moment.contains(&field) && a.as_f64() != b.as_f64() {
                found.push(format!("{path} is {b} instead of {a}"));
            }
            if a.is_boolean() && a != b {
                found.push(format!("{path} is {b} instead of {a}"));
            }
            if kind(a) != kind(b) {
                found.push(format!("{path} is {b} instead of {a}"));
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is_id(text: &str) -> bool {
    (19..=22).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Prefixes after which a text depends on the machine or the order of a hash table.
const TAILS: [&str; 7] = [
    "Unexpected character",
    "\n at [",
    "\n\tat ",
    "Expected one of",
    "SQL [",
    "Allowed methods",
    "/_kv/",
];

/// The folder that the recordings call `{storage}`.
const STORAGE: &str = "/app/storage";

/// Fields that depend on the machine.
const OWN: [&str; 8] = [
    "workerId",
    "uuid",
    "url",
    "commitId",
    "version",
    "thread",
    "description",
    "instructions",
];

/// The kind of a text that depends on the time or the machine, else the text.
fn plain(path: &str, text: &str) -> String {
    let field = path.rsplit('.').next().unwrap_or(path);
    let moment = text.len() >= 20 && text.get(4..5) == Some("-") && text.contains('T');
    let random = text.starts_with("root.root-") || text.starts_with("root.end-");
    if OWN.contains(&field)
        || path == "body"
        || ["body.nodes[", "body.edges["]
            .iter()
            .any(|graph| path.starts_with(graph))
    {
        return "of the machine".to_owned();
    }
    if moment || random || text.starts_with("PT") {
        return "of the moment".to_owned();
    }
    if field == "current" && text == "SUBMITTED" {
        return "CREATED".to_owned();
    }
    if path.ends_with(".sec.value") {
        return "a ciphertext".to_owned();
    }
    if text.starts_with("Could not resolve type id") || text.starts_with("Invalid type") {
        return "of two errors in any order".to_owned();
    }
    let end = TAILS
        .iter()
        .filter_map(|tail| text.find(tail))
        .min()
        .unwrap_or(text.len());
    text[..end].to_owned()
}

/// Server-sent events and lines of logs as data; a log line begins with its timestamp.
fn opened(body: &Value) -> Value {
    let Some(text) = body.as_str() else {
        return body.clone();
    };
    if text.starts_with("id: ") {
        let events = text
            .split("\n\n")
            .filter(|event| !event.is_empty())
            .map(|event| {
                let (id, data) = event.split_once("\ndata: ").unwrap();
                json!({"event": id, "data": serde_json::from_str::<Value>(data).unwrap()})
            });
        return events.collect();
    }
    let lines = text.lines().map(|line| {
        let moment = line.get(10..11) == Some("T");
        line.split_once(' ')
            .filter(|_| moment)
            .map_or(line, |(_, rest)| rest)
    });
    lines.collect()
}

/// Which of two executions logs first depends on timing.
fn merged(rows: &[Value]) -> Vec<Value> {
    let mut rows = rows.to_vec();
    let of_one = rows
        .windows(2)
        .all(|pair| pair[0]["executionId"] == pair[1]["executionId"]);
    if !of_one && rows.iter().all(|row| row["thread"].is_string()) {
        rows.sort_by_key(|row| row["message"].as_str().map(str::to_owned));
    }
    rows
}
