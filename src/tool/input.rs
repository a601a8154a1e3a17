//! Inputs of a flow: what is declared, what was given, and the form part of each.

mod declared;
mod file;
mod scalar;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::coerce;
use super::error::{Error, Fault};
use super::fault::Faults;
use super::multipart::Part;
use super::spelling::nearest;
use crate::secret::visible;
use file::file;
use scalar::{WORD, scalar, some};

pub use declared::Declared;

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

#[cfg(test)]
mod tests;
