//! The fields of an object, and what each is made of.

use std::borrow::Cow;

use serde_json::{Map, Value};
use vocabulary::{Class, Expr, Field, Fields, Make};

use super::cuts::Cuts;
use super::members::{UNTRUSTED, fit, of_kind};
use super::part;
use crate::tool::bindings::{Bindings, plain};
use crate::tool::error::Error;
use crate::tool::project::weight;
use crate::tool::{make, project};

/// Fields of `row`; what is untrusted stands under `untrusted`.
pub(super) fn object(
    bindings: &Bindings<'_>,
    fields: &Fields,
    row: &Value,
    cuts: &mut Cuts,
) -> Result<Map<String, Value>, Error> {
    members(bindings, named(fields), row, cuts, false)
}

/// Fields with their names.
fn named(fields: &Fields) -> impl Iterator<Item = (&str, &Field)> {
    let fields = fields.iter();
    fields.map(|(name, field)| (name.as_str(), &field.node))
}

/// Fields of `row`; what is untrusted stands under `untrusted`, unless all of it is.
pub(super) fn members<'f>(
    bindings: &Bindings<'_>,
    fields: impl Iterator<Item = (&'f str, &'f Field)>,
    row: &Value,
    cuts: &mut Cuts,
    untrusted: bool,
) -> Result<Map<String, Value>, Error> {
    let mut ours = Map::new();
    let mut theirs = Map::new();
    for (name, field) in fields {
        if field
            .permission
            .is_some_and(|permission| !bindings.ctx.may(permission))
        {
            continue;
        }
        if !bindings.holds(&field.when, row) {
            continue;
        }
        let lost = cuts.of(&field.make);
        let apart = !untrusted && field.class() == Class::Untrusted;
        let made = match &field.make {
            Make::Plain { at } => Ok(first_of(bindings, at, row).map(Cow::Borrowed)),
            how => {
                make(bindings, how, row, cuts, untrusted || apart).map(|made| made.map(Cow::Owned))
            }
        };
        let Some(value) = made.map_err(|error| larger(error, lost))? else {
            continue;
        };
        let Some(value) = of_kind(value, field.kind()) else {
            continue;
        };
        let Some(value) = fit(bindings, field, row, value, cuts) else {
            continue;
        };
        let place = if apart { &mut theirs } else { &mut ours };
        place.insert(name.to_owned(), value);
    }
    if !theirs.is_empty() {
        ours.insert(UNTRUSTED.into(), Value::Object(theirs));
    }
    Ok(ours)
}

/// Of a text that is much too large not even all is kept: `error` says how large it was.
fn larger(error: Error, lost: usize) -> Error {
    match error {
        Error::TooLarge { bytes, most, url } => Error::TooLarge {
            bytes: bytes.saturating_add(lost),
            most,
            url,
        },
        other => other,
    }
}

/// The first of `places` that holds anything.
fn first_of<'v>(
    bindings: &'v Bindings<'_>,
    places: &'v [Expr],
    row: &'v Value,
) -> Option<&'v Value> {
    let full = |value: &Value| value.as_object().is_none_or(|members| !members.is_empty());
    places
        .iter()
        .find_map(|place| bindings.get(place, row).filter(|value| full(value)))
}

/// What `how` makes of `row`, for a request. Only of what is sent nothing is told that was cut.
///
/// # Errors
/// As [`super::render`].
pub fn value(bindings: &Bindings<'_>, how: &Make, row: &Value) -> Result<Option<Value>, Error> {
    make(bindings, how, row, &mut Cuts::default(), true)
}

/// What `how` makes of `row`; `untrusted` says that it stands where all is.
fn make(
    bindings: &Bindings<'_>,
    how: &Make,
    row: &Value,
    cuts: &mut Cuts,
    untrusted: bool,
) -> Result<Option<Value>, Error> {
    let get = |expr| bindings.get(expr, row);
    Ok(match how {
        Make::Plain { at } => first_of(bindings, at, row).cloned(),
        Make::LineRange { at, range } => {
            part::of(bindings, at, range, row)?.map(|part| part.range().into())
        }
        Make::Whole { at, most, lines } => whole(bindings, at, *most, lines.as_ref(), row)?,
        Make::Time { at } => get(at).and_then(make::time).map(Value::String),
        Make::SecondsBetween { from, to } => match (get(from), get(to)) {
            (Some(from), Some(to)) => make::seconds_between(from, to),
            _ => None,
        },
        Make::InSet { at, set } => get(at).map(|value| {
            let within = value.as_str().is_some_and(|text| set.contains(text));
            within.into()
        }),
        Make::NoneOf { at } => {
            let holds = |place| get(place).is_some_and(|value| *value == true);
            Some((!at.iter().any(holds)).into())
        }
        Make::LabelMap { at } => get(at).map(|labels| Value::Object(make::label_map(labels))),
        Make::FirstLine { at } => get(at).and_then(make::first_line).map(Value::from),
        Make::InputSpec { at } => get(at).map(|inputs| Value::Array(make::input_spec(inputs))),
        Make::InputList { at } => get(at).map(|inputs| Value::Array(make::input_list(inputs))),
        Make::Count { at } => get(at).and_then(project::count).map(Value::from),
        Make::ShortTypes { at, by } => get(at).map(|list| short_types(list, by, cuts)),
        Make::CountBy { at, by, total, .. } => {
            let total = total.iter().find_map(get).and_then(project::count);
            get(at).and_then(|list| count_by(list, by, total))
        }
        Make::Object { fields } => {
            let object = members(bindings, named(fields), row, cuts, untrusted)?;
            Some(Value::Object(object))
        }
        Make::Pick {
            at,
            only,
            reverse,
            limit,
            fields,
        } => {
            let lists = at.iter().filter_map(get).filter_map(Value::as_array);
            let fitting = lists.flatten().filter(|item| bindings.holds(only, item));
            let fitting: Vec<&Value> = fitting.collect();
            cuts.rows += fitting.len().saturating_sub(*limit);
            cuts.rows += fitting.iter().map(|item| beyond(item)).sum::<usize>();
            let mut items = Vec::new();
            for item in fitting.into_iter().take(*limit) {
                let item = members(bindings, named(fields), item, cuts, untrusted)?;
                items.push(Value::Object(item));
            }
            if *reverse {
                items.reverse();
            }
            Some(Value::Array(items))
        }
        Make::First { at, only, give } => get(at).and_then(|list| {
            let mut items = list.as_array()?.iter();
            let first = items.find(|item| bindings.holds(only, item))?;
            first.pointer(give).cloned()
        }),
        Make::Seek {
            at,
            key,
            equals,
            give,
            inputs,
        } => {
            let Some(wanted) = make(bindings, equals, row, cuts, untrusted)? else {
                return Ok(None);
            };
            let found = get(at).and_then(|tree| make::seek(tree, key, &wanted, give));
            found.map(|found| {
                if *inputs {
                    Value::Array(make::input_list(found))
                } else {
                    found.clone()
                }
            })
        }
    })
}

/// A text that is never cut, or the lines of it that were asked for.
fn whole(
    bindings: &Bindings<'_>,
    at: &Expr,
    most: usize,
    lines: Option<&(Expr, usize)>,
    row: &Value,
) -> Result<Option<Value>, Error> {
    let Some(value) = bindings.get(at, row) else {
        return Ok(None);
    };
    let text = plain(value);
    let bytes = text.len();
    if bytes > most {
        let url = None;
        return Err(Error::TooLarge { bytes, most, url });
    }
    let asked = match lines {
        Some((lines, _)) => part::of(bindings, at, lines, row)?,
        None => None,
    };
    let text = asked.map_or_else(|| text.into_owned(), |part| part.text);
    Ok(Some(Value::String(text)))
}

/// How many items like `item` are not there themselves.
fn beyond(item: &Value) -> usize {
    usize::try_from(weight(item) - 1).unwrap_or(usize::MAX)
}

/// The last words of the class names of the items of `list`.
fn short_types(list: &Value, by: &str, cuts: &mut Cuts) -> Value {
    let items = list.as_array().into_iter().flatten();
    let names = items.filter_map(|item| {
        cuts.rows += beyond(item);
        item.pointer(by)?.as_str()
    });
    names
        .map(|name| Value::from(make::short_type(name)))
        .collect()
}

/// How many items `list` has by a text of each, and in all: at least `total`.
fn count_by(list: &Value, by: &str, total: Option<u64>) -> Option<Value> {
    let mut counts = make::count_by(list, by)?;
    let begun = counts.get("total").and_then(Value::as_u64);
    // What is repeated is there more often than it is declared.
    if let Some(total) = total.filter(|total| begun.is_none_or(|begun| begun < *total)) {
        counts.insert("total".to_owned(), total.into());
    }
    Some(Value::Object(counts))
}
