//! KV values as Kestra parses them: the first value of the text, in Amazon Ion. Text that is not
//! Ion is a string. Lists and objects are parsed only in the syntax that Ion shares with JSON.

use serde_json::{Value, json};

use crate::time;

/// A value with the name of its type.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) kind: &'static str,
    pub(crate) value: Value,
}

impl Typed {
    pub(crate) fn read(text: &str) -> Self {
        first(text.trim_start()).unwrap_or_else(|| Self::text(text))
    }

    fn text(text: &str) -> Self {
        let kind = if time::java_duration(text).is_some() {
            "DURATION"
        } else {
            "STRING"
        };
        Self::new(kind, json!(text))
    }

    fn new(kind: &'static str, value: Value) -> Self {
        Self { kind, value }
    }
}

fn first(text: &str) -> Option<Typed> {
    let begin = text.chars().next()?;
    if matches!(begin, '"' | '[' | '{') {
        let value = serde_json::Deserializer::from_str(text)
            .into_iter::<Value>()
            .next()?
            .ok()?;
        return Some(match value {
            Value::String(text) => Typed::text(&text),
            value => Typed::new("JSON", without_nulls(value)),
        });
    }
    if begin.is_ascii_digit() || begin == '-' {
        return number(word(text, |c| {
            c.is_ascii_alphanumeric() || "+-.:".contains(c)
        }));
    }
    match word(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == '$') {
        "" => None,
        "true" => Some(Typed::new("BOOLEAN", json!(true))),
        "false" => Some(Typed::new("BOOLEAN", json!(false))),
        "null" => Some(Typed::new("STRING", Value::Null)),
        symbol => Some(Typed::text(symbol)),
    }
}

fn word(text: &str, part: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !part(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A number, a date or an instant.
fn number(word: &str) -> Option<Typed> {
    if chrono::NaiveDate::parse_from_str(word, "%Y-%m-%d").is_ok_and(|d| d.to_string() == word) {
        return Some(Typed::new("DATE", json!(word)));
    }
    if time::parse_instant(word).is_some() {
        // With a numeric offset it is not a DATETIME to Kestra.
        let kind = if word.ends_with('Z') {
            "DATETIME"
        } else {
            "JSON"
        };
        return Some(Typed::new(kind, json!(word)));
    }
    // Neither Ion nor JSON allows numbers with leading zeros.
    let value: Value = serde_json::from_str(word).ok()?;
    value.is_number().then(|| Typed::new("NUMBER", value))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
