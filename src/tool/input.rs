//! Inputs of a flow: what is declared, what was given, and the form part of each.

mod declared;
mod file;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::arguments::{nearest, parse_instant, utc};
use super::bindings::plain;
use super::error::{Error, Fault};
use super::fault::{FAULTS, Faults, and_more};
use super::multipart::Part;
use super::{coerce, java};
use crate::secret::visible;
use file::file;

pub use declared::Declared;

/// Bytes of a choice, or of the id of an input, that is repeated. A longer one is left out rather
/// than cut: a part of a secret would not be found later.
const WORD: usize = 100;
/// Bytes of all that are repeated in one fault.
const WORDS: usize = 800;

/// What is sent for the inputs of one run.
#[derive(Debug, Default)]
pub struct Form {
    /// One a given input.
    pub parts: Vec<Part>,
    /// Values of SECRET inputs: they must not come back.
    pub secrets: Vec<String>,
}

/// `given` checked against `specs` and encoded by the declared types.
///
/// # Errors
/// [`Error::Invalid`] with every fault; nothing is sent.
pub fn form(specs: &Value, given: &Map<String, Value>) -> Result<Form, Error> {
    let declared = Declared::all(specs);
    let ids: HashSet<&str> = declared.iter().map(|input| input.id.as_str()).collect();
    let given = flatten(given, &ids);
    let mut faults = Faults::default();
    let strange = given.keys().filter(|id| !ids.contains(id.as_str()));
    faults.each(strange, |id| undeclared(id, &declared));
    let mut form = Form::default();
    for input in &declared {
        match given.get(&input.id) {
            None if input.required() => {
                let kind = some([input.kind].into_iter());
                let expected = format!("a value of type {kind}; it is required");
                faults.push(Fault::new(&input.id, expected));
            }
            None => {}
            Some(value) => match part(input, value.as_ref()) {
                Ok(part) => {
                    form.secrets.extend(input.secrets(value));
                    form.parts.push(part);
                }
                Err(expected) => faults.push(Fault::new(&input.id, expected)),
            },
        }
    }
    if faults.is_empty() {
        Ok(form)
    } else {
        Err(Error::Invalid {
            faults: faults.into_vec(),
            inputs: true,
        })
    }
}

/// Given values by dotted id; nulls are left out, objects and their JSON texts are opened where a
/// form is declared.
fn flatten<'a>(
    given: &'a Map<String, Value>,
    ids: &HashSet<&str>,
) -> BTreeMap<String, Cow<'a, Value>> {
    let forms: HashSet<&str> = ids.iter().flat_map(|id| parents(id)).collect();
    let mut flat = BTreeMap::new();
    let given = given.iter();
    let mut open: Vec<(String, Cow<'a, Value>)> = given
        .map(|(id, value)| (id.clone(), Cow::Borrowed(value)))
        .collect();
    while let Some((id, value)) = open.pop() {
        let form = !ids.contains(id.as_str()) && forms.contains(id.as_str());
        let value = match coerce::object(&value).filter(|_| form) {
            Some(read) => Cow::Owned(read),
            None => value,
        };
        let inner = |key: &str| format!("{id}.{key}");
        match value {
            Cow::Borrowed(Value::Object(members)) if form => {
                let members = members.iter();
                open.extend(members.map(|(key, value)| (inner(key), Cow::Borrowed(value))));
            }
            Cow::Owned(Value::Object(members)) if form => {
                let members = members.into_iter();
                open.extend(members.map(|(key, value)| (inner(&key), Cow::Owned(value))));
            }
            value if value.is_null() => {}
            value => {
                flat.insert(id, value);
            }
        }
    }
    flat
}

/// `a` and `a.b` of `a.b.c`.
fn parents(id: &str) -> impl Iterator<Item = &str> {
    id.match_indices('.').filter_map(|(at, _)| id.get(..at))
}

/// The first of `words` as a list, and how many more there are.
fn some<'a>(words: impl Iterator<Item = &'a str>) -> String {
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
        (_, true) => "what takes too many words to be told".to_owned(),
        (more, false) => format!("{list} {}", and_more(more)),
    }
}

fn undeclared(id: &str, declared: &[Declared<'_>]) -> Fault {
    let shown: String = visible(id).chars().take(WORD).collect();
    let ids = || declared.iter().map(|input| input.id.as_str());
    let expected = match nearest(id, ids().filter(|id| id.len() <= WORD)) {
        Some(near) => format!("an input of this flow, perhaps `{near}`"),
        None if declared.is_empty() => "no inputs: the flow declares none".to_owned(),
        None => format!("an input of this flow: {}", some(ids())),
    };
    Fault::new(shown, expected)
}

/// The form part of one value, or what would be right.
fn part(input: &Declared<'_>, value: &Value) -> Result<Part, String> {
    if input.kind == "FILE" {
        return file(input, value);
    }
    if let ("SELECT" | "ENUM" | "MULTISELECT", Some(values)) = (input.kind, input.values()) {
        let one = |value: &Value| {
            coerce::spelt(value).is_some_and(|text| values.contains(&text.as_ref()))
        };
        let fits = match input.kind {
            "MULTISELECT" => coerce::items(value).is_some_and(|items| items.iter().all(one)),
            _ => one(value),
        };
        if !fits {
            let list = if input.kind == "MULTISELECT" {
                "a list of any of"
            } else {
                "one of"
            };
            return Err(format!("{list} {}", some(values.iter().copied())));
        }
    }
    let item = input.spec.get("itemType").and_then(Value::as_str);
    let text = scalar(input.kind, item, value)?;
    if let ("INT" | "FLOAT", Ok(number)) = (input.kind, text.parse::<f64>()) {
        let (least, most) = (input.bound("min"), input.bound("max"));
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            return Err(match (least, most) {
                (Some(least), Some(most)) => format!("a number from {least} to {most}"),
                (Some(least), None) => format!("a number of {least} or more"),
                (_, most) => format!("a number of {} or less", most.unwrap_or_default()),
            });
        }
    }
    Ok(Part::text(&input.id, text))
}

/// The text of a value of type `kind`: its declared type says how it is written, never its JSON shape.
fn scalar(kind: &str, item: Option<&str>, value: &Value) -> Result<String, String> {
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

#[cfg(test)]
mod tests;
