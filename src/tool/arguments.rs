//! Arguments: their formats, all faults in one answer, and one form for what follows.

mod labels;
mod normal;
mod text;

use serde_json::{Map, Value};
use vocabulary::{Expr, Format, Kind};

use super::error::{Error, Fault};
use super::fault::Faults;
use super::spelling::nearest;
use super::{Reserved, Tool, coerce, source};
use crate::clock::Clock;
use normal::normal;

/// `arguments` checked whole, with defaults filled in, instants in UTC and labels as text.
///
/// # Errors
/// [`Error::Invalid`] with every fault; values are never repeated.
pub fn check(
    tool: &Tool,
    arguments: &Map<String, Value>,
    clock: &Clock,
) -> Result<Map<String, Value>, Error> {
    let mut faults = Faults::default();
    let mut checked = Map::new();
    let mut document = None;
    let strange = |name: &&String| {
        let name = name.as_str();
        let mut taken = tool.arguments.iter();
        !taken.any(|argument| argument.name == name) && !tool.dropped.contains(&name)
    };
    faults.each(arguments.keys().filter(strange), |name| {
        unknown(tool, name, arguments)
    });
    for argument in &tool.arguments {
        let kind = &argument.format.kind;
        let given = arguments
            .get(argument.name)
            .filter(|value| !value.is_null())
            .map(|value| coerce::read(kind, value));
        let given = given.as_deref();
        let value = match given {
            Some(given) => normal(kind, given, clock),
            None if argument.required => None,
            None => match default(kind) {
                Some(default) => Some(default),
                None => continue,
            },
        };
        if let Some(value) = value {
            checked.insert(argument.name.to_owned(), value);
        } else {
            let expected = given.and_then(|given| coerce::expected(kind, given));
            let expected = expected.unwrap_or_else(|| said(argument.format));
            faults.push(Fault::new(argument.name, expected));
        }
        match (kind, given) {
            (Kind::Yaml(names), Some(Value::String(source))) => {
                match source::examine(source, names) {
                    Ok(read) => document = read.map(|read| (argument.name, read.names)),
                    Err(found) => {
                        faults.extend(found.into_iter().map(|fault| fault.at(argument.name)));
                    }
                }
            }
            (Kind::Document(names), Some(object @ Value::Object(_))) => {
                let unfit = source::unfit(object, names).into_iter();
                faults.extend(unfit.map(|expected| Fault::new(argument.name, expected)));
            }
            _ => {}
        }
    }
    let given = tool.exactly_one.iter().filter(|name| {
        arguments
            .get(name.as_str())
            .is_some_and(|value| !value.is_null())
    });
    // One that is given and wrong is a fault of its own.
    if !tool.exactly_one.is_empty() && given.count() != 1 {
        let names = tool.exactly_one.join(" or ");
        faults.push(Fault::new(names.clone(), format!("exactly one of {names}")));
    }
    let words = tool.reserved.iter();
    faults.extend(words.filter_map(|words| taken(words, &checked, document.as_ref())));
    if faults.is_empty() {
        Ok(checked)
    } else {
        Err(Error::Invalid {
            faults: faults.into_vec(),
            inputs: false,
        })
    }
}

/// What would be right, with the words of a list.
fn said(format: &Format) -> String {
    match format.words() {
        Some(words) => format!("{} {}", format.expected, words.list.join(", ")),
        None => format.expected.clone(),
    }
}

/// The fault of reserved words that are all in their places.
fn taken(
    words: &Reserved,
    checked: &Map<String, Value>,
    document: Option<&(&'static str, Value)>,
) -> Option<Fault> {
    let stands = |(place, word): &(Expr, String)| {
        let found = match place {
            Expr::Argument(name) => checked.get(name),
            Expr::Document(pointer) => document.and_then(|(_, top)| top.pointer(pointer)),
            Expr::Step(..) | Expr::Row(_) | Expr::Constant(_) => None,
        };
        found.and_then(Value::as_str) == Some(word)
    };
    let (place, word) = words.first().filter(|_| words.iter().all(stands))?;
    let expected = format!("an id other than `{word}`, which Kestra's API reserves here");
    Some(match (place, document) {
        (Expr::Document(pointer), Some((argument, _))) => {
            let key = pointer.trim_start_matches('/');
            Fault::new(*argument, format!("under `{key}` {expected}"))
        }
        (Expr::Argument(name), _) => Fault::new(name, expected),
        _ => return None,
    })
}

fn unknown(tool: &Tool, name: &str, given: &Map<String, Value>) -> Fault {
    let names = tool.arguments.iter().map(|argument| argument.name);
    // What is given under its own name is not what was meant.
    let near = nearest(name, names.filter(|name| !given.contains_key(*name)));
    // The name is the client's text: only as much of it as can be a name.
    let shown: String = name
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '_')
        .take(64)
        .collect();
    Fault::no_argument(shown, near)
}

fn default(kind: &Kind) -> Option<Value> {
    match kind {
        Kind::Integer { default, .. } => default.map(Value::from),
        Kind::Boolean { default } => default.map(Value::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
