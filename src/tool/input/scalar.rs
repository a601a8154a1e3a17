//! The text of a value, by the type that the flow declares for it.

use std::borrow::Cow;

use serde_json::Value;

use crate::tool::bindings::plain;
use crate::tool::fault::{FAULTS, and_more};
use crate::tool::instant::{parse_instant, utc};
use crate::tool::{coerce, java};

/// Bytes of a choice, or of the id of an input, that is repeated. A longer one is left out rather
/// than cut: a part of a secret would not be found later.
pub(super) const WORD: usize = 100;
/// Bytes of all that are repeated in one fault.
const WORDS: usize = 800;

/// The first of `words` as a list, and how many more there are.
pub(super) fn some<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let (mut told, mut more, mut bytes) = (Vec::new(), 0, 0);
    for word in words {
        bytes += word.len() + 2;
        if told.len() < FAULTS && word.len() <= WORD && bytes <= WORDS {
            told.push(word);
        } else {
            more += 1;
        }
    }
    let list = told.join(", ");
    match (more, list.is_empty()) {
        (0, _) => list,
        (_, true) => "values that are too long to show".to_owned(),
        (more, false) => format!("{list} {}", and_more(more)),
    }
}

/// The text of a value of type `kind`: its declared type says how it is written, never its JSON shape.
pub(super) fn scalar(kind: &str, item: Option<&str>, value: &Value) -> Result<String, String> {
    let text = value.as_str();
    let parsed = |fits: bool, expected: &str| match text {
        Some(text) if fits => Ok(text.to_owned()),
        _ => Err(expected.to_owned()),
    };
    match kind {
        "STRING" | "SELECT" | "ENUM" => coerce::spelt(value)
            .map(Cow::into_owned)
            .ok_or_else(|| "text".to_owned()),
        "SECRET" | "EMAIL" | "URI" => parsed(true, "text"),
        "INT" => int(value)
            .map(|number| number.to_string())
            .ok_or_else(|| format!("a whole number from {} to {}", i32::MIN, i32::MAX)),
        "FLOAT" => match value {
            Value::Number(number) => Ok(number.to_string()),
            _ => parsed(text.is_some_and(is_decimal), "a number"),
        },
        "BOOL" | "BOOLEAN" => coerce::truth(value)
            .map(|truth| truth.to_string())
            .ok_or_else(|| "true or false".to_owned()),
        "DATETIME" => text
            .and_then(parse_instant)
            .map(utc)
            .ok_or_else(|| "an instant with its offset, such as 2026-01-31T08:00:00Z".to_owned()),
        "DATE" => {
            let fits = text.is_some_and(|text| java::date(text).is_some());
            parsed(fits, "a date such as 2026-01-31")
        }
        "TIME" => parsed(text.is_some_and(java::is_time), "a time such as 08:30:00"),
        "DURATION" => {
            let expected = "a duration of days, hours, minutes and seconds such as P1DT2H or PT5M";
            parsed(text.is_some_and(java::is_duration), expected)
        }
        "JSON" => Ok(match text {
            Some(text) if serde_json::from_str::<Value>(text).is_ok() => text.to_owned(),
            _ => value.to_string(),
        }),
        "ARRAY" | "MULTISELECT" => list(kind, item, value),
        // YAML, and types that this build does not know: text as it is, anything else as JSON,
        // which is YAML too.
        _ => Ok(plain(value).into_owned()),
    }
}

/// A number of Java's `Integer`.
fn int(value: &Value) -> Option<i32> {
    let whole = coerce::whole(value).or_else(|| value.as_str()?.parse().ok())?;
    i32::try_from(whole).ok()
}

/// The JSON text of a list.
fn list(kind: &str, item: Option<&str>, value: &Value) -> Result<String, String> {
    let expected = || match item {
        Some(item) => format!("a list of {} values", some([item].into_iter())),
        None => "a list".to_owned(),
    };
    let inner = match (kind, item) {
        (_, Some(item)) => item,
        ("MULTISELECT", None) => "STRING",
        _ => "JSON",
    };
    // One item alone is a list where its type is said.
    let alone = |items: &[Value]| matches!(items, [item] if item == value);
    let items = coerce::items(value)
        .filter(|items| inner != "JSON" || !alone(items))
        .ok_or_else(expected)?;
    let typed = |value: &Value| -> Result<Value, String> {
        let text = scalar(inner, None, value).map_err(|_| expected())?;
        Ok(match inner {
            "INT" => text.parse::<i32>().map_or(Value::Null, Value::from),
            "BOOL" | "BOOLEAN" => Value::Bool(text == "true"),
            "STRING" | "SELECT" | "ENUM" => Value::String(text),
            _ => value.clone(),
        })
    };
    let items = items.iter().map(typed).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Array(items).to_string())
}

fn is_decimal(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}
