//! Coerces arguments as models and clients spell them, before the checks, and only where the declared type
//! leaves one reading. Any other value stays as it came, and the checks refuse it.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};
use vocabulary::{Kind, Words};

use super::strict::{self, DEEPEST, Fault};

/// Digits that a number keeps between its text and a float.
const EXACT: usize = 15;

/// `given` as its kind writes it, where its spelling is another.
pub fn read<'v>(kind: &Kind, given: &'v Value) -> Cow<'v, Value> {
    let read = match kind {
        Kind::Integer { .. } => whole(given).map(Value::from),
        Kind::Boolean { .. } => truth(given).map(Value::from),
        Kind::Labels(_) => object(given).or_else(|| pairs(given)),
        Kind::Object | Kind::Document(_) => object(given),
        Kind::Set(words) => items(given).map(|items| {
            let items = items.iter();
            items
                .map(|item| word(item, words).map_or_else(|| item.clone(), Value::from))
                .collect()
        }),
        Kind::Word(words) => word(given, words).map(Value::from),
        Kind::Lines => spelt(given).map(|text| Value::from(&*text)),
        Kind::Pattern { .. } | Kind::Line(_) | Kind::Text(_) | Kind::Instant(_) => digits(given),
        Kind::Secret(_) | Kind::Base64(_) | Kind::Json | Kind::Yaml(_) => None,
    };
    read.map_or(Cow::Borrowed(given), Cow::Owned)
}

/// A whole number: `2`, `2.0`, or the text of either.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and small"
)]
pub fn whole(value: &Value) -> Option<i64> {
    let number = match value {
        Value::Number(number) => Cow::Borrowed(number),
        Value::String(text) => Cow::Owned(serde_json::from_str::<Number>(text).ok()?),
        _ => return None,
    };
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 1e15).then_some(float as i64)
    })
}

/// True or false, or their text; Python capitalises it.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The one of `words` that a text is, in whatever case.
fn word<'w>(value: &Value, words: &'w Words) -> Option<&'w str> {
    let text = value.as_str()?.trim();
    let mut found = words
        .list
        .iter()
        .filter(|word| word.eq_ignore_ascii_case(text));
    let one = found.next().map(String::as_str);
    one.filter(|_| found.next().is_none())
}

/// The object that a text is the JSON of.
pub fn object(value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|text| is_container(text))?;
    strict::read(text).filter(Value::is_object)
}

/// The labels of a list of `key:value` texts, or of objects with a `key` and a `value` as flows have
/// them; a key with two values has no one reading.
fn pairs(value: &Value) -> Option<Value> {
    let list = match value {
        Value::Array(items) => Cow::Borrowed(items),
        Value::String(text) if is_container(text) => match strict::read(text)? {
            Value::Array(items) => Cow::Owned(items),
            _ => return None,
        },
        _ => return None,
    };
    let mut labels = Map::new();
    for item in list.iter() {
        let (key, value) = match item {
            Value::String(text) => {
                let (key, value) = text.split_once(':')?;
                (key.trim(), Value::from(value.trim()))
            }
            Value::Object(members) if members.len() == 2 => {
                (members.get("key")?.as_str()?, members.get("value")?.clone())
            }
            _ => return None,
        };
        let before = labels.insert(key.to_owned(), value.clone());
        if before.is_some_and(|before| before != value) {
            return None;
        }
    }
    Some(Value::Object(labels))
}

/// The text of a whole number, which JSON writes in one way.
fn digits(value: &Value) -> Option<Value> {
    let number = value.as_number()?;
    (number.is_i64() || number.is_u64()).then(|| number.to_string().into())
}

/// What is expected of a value of this kind that came as JSON text and says no one thing, or is nested
/// too deeply: its type alone would not tell.
pub fn expected(kind: &Kind, given: &Value) -> Option<String> {
    let (Kind::Labels(_) | Kind::Object | Kind::Document(_) | Kind::Set(_)) = kind else {
        return None;
    };
    let text = given.as_str().filter(|text| is_container(text))?;
    match strict::check_value(text).err()? {
        Fault::TooDeep => Some(format!(
            "at most {DEEPEST} objects and lists inside each other"
        )),
        Fault::Twice => Some("JSON that has each field of an object once".to_owned()),
        Fault::TooMany => Some("fewer values".to_owned()),
        Fault::Unreadable => None,
    }
}

/// The items of a list, which may come as its JSON text, or as its only item.
pub fn items(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::Array(items) => Some(Cow::Borrowed(items)),
        Value::String(text) if is_container(text) => match strict::read(text)? {
            Value::Array(items) => Some(Cow::Owned(items)),
            _ => None,
        },
        Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            Some(Cow::Owned(vec![value.clone()]))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// A text, or the text of a number or truth where no other text is that number.
pub fn spelt(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Number(number) => {
            let text = number.to_string();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let exact = number.is_f64() && digits <= EXACT && !text.contains('e');
            (exact || number.is_i64() || number.is_u64()).then_some(Cow::Owned(text))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_container(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

#[cfg(test)]
mod tests;
