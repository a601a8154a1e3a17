//! Compares answers by shape.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::Answer;

/// How an answer differs from the recorded one; learns which id stands for which.
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
    let body = match serde_json::from_slice(&answer.body) {
        _ if answer.body.is_empty() => Value::Null,
        Ok(json) => json,
        Err(_) => Value::String(String::from_utf8_lossy(&answer.body).into_owned()),
    };
    compare("body", &recorded["body"], &body, ids, &mut found);
    found
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
            // A caller's headers are the caller's.
            if path.ends_with(".variables.headers") {
                return;
            }
            for (key, value) in a {
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
            // How far a history has come is a matter of milliseconds.
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
            if is_id(a) && is_id(b) && a != b {
                ids.insert(a.clone(), b.clone());
            }
        }
        (a, b) => {
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
