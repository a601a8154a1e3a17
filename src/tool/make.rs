//! Small functions that turn values of Kestra into fields of a result. None knows a tool.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::bindings::plain;
use super::input::Declared;
use super::instant::parse_instant;
use super::project::weight;

/// Labels, from Kestra's list of `{key, value}` or from a map; those without a value are none.
pub fn labels(labels: &Value) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let list = labels.as_array().into_iter().flatten();
    let listed = list.filter_map(|label| match label {
        // As they are kept of an answer.
        Value::Array(pair) => Some((pair.first()?.as_str()?, pair.get(1)?)),
        label => Some((label.get("key")?.as_str()?, label.get("value")?)),
    });
    let mapped = labels
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value));
    listed
        .chain(mapped)
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key, plain(value)))
}

/// Labels as an object, without those of the system.
pub fn label_map(found: &Value) -> Map<String, Value> {
    let own = labels(found).filter(|(key, _)| !key.starts_with("system."));
    own.map(|(key, value)| (key.to_owned(), Value::String(value.into_owned())))
        .collect()
}

/// An instant cut to seconds, in UTC.
pub fn time(value: &Value) -> Option<String> {
    let instant = instant(value)?;
    Some(instant.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Seconds from one instant to another, to the millisecond.
pub fn seconds_between(from: &Value, to: &Value) -> Option<Value> {
    let ms = (instant(to)? - instant(from)?).num_milliseconds().max(0);
    if ms % 1000 == 0 {
        return Some(Value::from(ms / 1000));
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations are far below 2^52 ms"
    )]
    Some(json!(ms as f64 / 1000.0))
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => parse_instant(text),
        // Some builds write instants as seconds with a fraction.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds of this age fit"
        )]
        Value::Number(number) => {
            DateTime::from_timestamp_millis((number.as_f64()? * 1000.0) as i64)
        }
        _ => None,
    }
}

/// The first line with text in it.
pub fn first_line(value: &Value) -> Option<&str> {
    value
        .as_str()?
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
}

/// `id:TYPE` of each input, with `?` where a run does not need it.
pub fn input_spec(specs: &Value) -> Vec<Value> {
    let spec = |input: &Declared<'_>| {
        format!(
            "{}:{}{}",
            input.id,
            input.kind,
            if input.required() { "" } else { "?" }
        )
        .into()
    };
    Declared::all(specs).iter().map(spec).collect()
}

/// Each input with its type, whether a run needs it, its default and its choices.
pub fn input_list(specs: &Value) -> Vec<Value> {
    let list = |input: &Declared<'_>| {
        let mut object = Map::new();
        object.insert("id".into(), input.id.as_str().into());
        object.insert("type".into(), input.kind.into());
        object.insert("required".into(), input.required().into());
        if let Some(default) = input.default() {
            object.insert("default".into(), default.clone());
        }
        if let Some(values) = input.values() {
            object.insert("values".into(), values.into());
        }
        Value::Object(object)
    };
    Declared::all(specs).iter().map(list).collect()
}

/// The last word of a class name.
pub fn short_type(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// How many items there are in all and by the text at `by`.
pub fn count_by(items: &Value, by: &str) -> Option<Map<String, Value>> {
    let items = items.as_array().filter(|items| !items.is_empty())?;
    let mut counts: Map<String, Value> = Map::new();
    counts.insert("total".into(), items.iter().map(weight).sum::<u64>().into());
    for item in items {
        let Some(word) = item.pointer(by).and_then(Value::as_str) else {
            continue;
        };
        let count = counts.get(word).and_then(Value::as_u64).unwrap_or_default();
        counts.insert(word.to_owned(), (count + weight(item)).into());
    }
    Some(counts)
}

/// Somewhere in `tree`, the object whose `key` is `wanted`; what stands there at `give`.
pub fn seek<'a>(tree: &'a Value, key: &str, wanted: &Value, give: &str) -> Option<&'a Value> {
    if tree.pointer(key) == Some(wanted)
        && let Some(found) = tree.pointer(give)
    {
        return Some(found);
    }
    match tree {
        Value::Array(items) => items.iter().find_map(|item| seek(item, key, wanted, give)),
        Value::Object(members) => members
            .values()
            .find_map(|item| seek(item, key, wanted, give)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_as_a_list_or_a_map() {
        let list = json!([{"key": "system.from", "value": "api"}, {"key": "team", "value": "data"}, {"odd": 1}]);
        assert_eq!(Value::Object(label_map(&list)), json!({"team": "data"}));
        assert_eq!(labels(&list).count(), 2);
        assert_eq!(
            Value::Object(label_map(&json!({"n": 1}))),
            json!({"n": "1"})
        );
        assert!(label_map(&json!("x")).is_empty());
    }

    #[test]
    fn times_are_cut_to_seconds_in_utc() {
        assert_eq!(
            time(&json!("2026-01-02T03:04:05.999999Z")).as_deref(),
            Some("2026-01-02T03:04:05Z")
        );
        assert_eq!(
            time(&json!("2026-01-02T03:04:05+02:00")).as_deref(),
            Some("2026-01-02T01:04:05Z")
        );
        assert_eq!(time(&json!("soon")), None);
    }

    #[test]
    fn durations_are_computed() {
        let between = |to| seconds_between(&json!("2026-01-01T00:00:00Z"), &json!(to));
        assert_eq!(between("2026-01-01T00:00:02Z"), Some(json!(2)));
        assert_eq!(between("2026-01-01T00:00:00.2048Z"), Some(json!(0.204)));
        assert_eq!(between("2025-01-01T00:00:00Z"), Some(json!(0)));
    }

    #[test]
    fn counts_in_all_and_by_word() {
        let runs =
            json!([{"s": {"c": "SUCCESS"}}, {"s": {"c": "FAILED"}}, {"s": {"c": "SUCCESS"}}, {}]);
        assert_eq!(
            count_by(&runs, "/s/c").map(Value::Object),
            Some(json!({"total": 4, "SUCCESS": 2, "FAILED": 1}))
        );
        assert_eq!(count_by(&json!([]), "/s/c"), None);
    }

    #[test]
    fn seeks_inside_nested_tasks() {
        let tasks = json!([{"id": "a", "tasks": [{"id": "wait", "onResume": [{"id": "why"}]}]}]);
        assert_eq!(
            seek(&tasks, "/id", &json!("wait"), "/onResume"),
            Some(&json!([{"id": "why"}]))
        );
        assert_eq!(seek(&tasks, "/id", &json!("b"), "/onResume"), None);
    }
}
