//! What a field is made of.

use serde_json::Value;
use vocabulary::{Expr, Make};

use super::{Cuts, members, named, part};
use crate::tool::error::Error;
use crate::tool::project::weight;
use crate::tool::scope::{Scope, plain};
use crate::tool::{make, project};

/// The first of `places` that holds anything.
pub(super) fn first_of<'v>(
    scope: &'v Scope<'_>,
    places: &'v [Expr],
    row: &'v Value,
) -> Option<&'v Value> {
    let full = |value: &Value| value.as_object().is_none_or(|members| !members.is_empty());
    places
        .iter()
        .find_map(|place| scope.get(place, row).filter(|value| full(value)))
}

/// What `how` makes of `row`, for a request. Only of what is sent nothing is told that was cut.
///
/// # Errors
/// As [`render`].
pub fn value(scope: &Scope<'_>, how: &Make, row: &Value) -> Result<Option<Value>, Error> {
    make(scope, how, row, &mut Cuts::default(), true)
}

/// What `how` makes of `row`; `untrusted` says that it stands where all is.
pub(super) fn make(
    scope: &Scope<'_>,
    how: &Make,
    row: &Value,
    cuts: &mut Cuts,
    untrusted: bool,
) -> Result<Option<Value>, Error> {
    Ok(match how {
        Make::Plain { at } => first_of(scope, at, row).cloned(),
        Make::LineRange { at, range } => {
            part::of(scope, at, range, row)?.map(|part| part.range().into())
        }
        Make::Whole { at, most, lines } => {
            let Some(value) = scope.get(at, row) else {
                return Ok(None);
            };
            let bytes = plain(value).len();
            if bytes > *most {
                return Err(Error::TooLarge {
                    bytes,
                    most: *most,
                    url: None,
                });
            }
            let asked = match lines {
                Some((lines, _)) => part::of(scope, at, lines, row)?,
                None => None,
            };
            let text = asked.map_or_else(|| plain(value).into_owned(), |part| part.text);
            Some(Value::String(text))
        }
        Make::SecondsBetween { from, to } => match (scope.get(from, row), scope.get(to, row)) {
            (Some(from), Some(to)) => make::seconds_between(from, to),
            _ => None,
        },
        Make::NoneOf { at } => {
            let holds = |place| scope.get(place, row).is_some_and(|value| *value == true);
            Some((!at.iter().any(holds)).into())
        }
        Make::Object { fields } => {
            let object = members(scope, named(fields), row, cuts, untrusted)?;
            Some(Value::Object(object))
        }
        Make::Time { at }
        | Make::InSet { at, .. }
        | Make::LabelMap { at }
        | Make::FirstLine { at }
        | Make::InputSpec { at }
        | Make::InputList { at }
        | Make::Count { at } => scope.get(at, row).and_then(|value| of_one(how, value)),
        Make::ShortTypes { .. }
        | Make::CountBy { .. }
        | Make::Pick { .. }
        | Make::First { .. }
        | Make::Seek { .. } => of_list(scope, how, row, cuts, untrusted)?,
    })
}

/// What is made of one value.
fn of_one(how: &Make, value: &Value) -> Option<Value> {
    match how {
        Make::Time { .. } => make::time(value).map(Value::String),
        Make::InSet { set, .. } => {
            Some(value.as_str().is_some_and(|text| set.contains(text)).into())
        }
        Make::LabelMap { .. } => Some(Value::Object(make::label_map(value))),
        Make::FirstLine { .. } => make::first_line(value).map(Value::from),
        Make::InputSpec { .. } => Some(Value::Array(make::input_spec(value))),
        Make::InputList { .. } => Some(Value::Array(make::input_list(value))),
        Make::Count { .. } => project::count(value).map(Value::from),
        _ => None,
    }
}

/// How many items like `item` are not there themselves.
fn beyond(item: &Value) -> usize {
    usize::try_from(weight(item) - 1).unwrap_or(usize::MAX)
}

/// What is made of the items of a list, or found in a tree.
fn of_list(
    scope: &Scope<'_>,
    how: &Make,
    row: &Value,
    cuts: &mut Cuts,
    untrusted: bool,
) -> Result<Option<Value>, Error> {
    let get = |expr| scope.get(expr, row);
    Ok(match how {
        Make::ShortTypes { at, by } => get(at).map(|value| {
            let items = value.as_array().into_iter().flatten();
            let names = items.filter_map(|item| {
                cuts.rows += beyond(item);
                item.pointer(by)?.as_str()
            });
            Value::Array(names.map(|name| make::short_type(name).into()).collect())
        }),
        Make::CountBy { at, by, total, .. } => get(at)
            .and_then(|value| make::count_by(value, by))
            .map(|mut counts| {
                let total = total.iter().find_map(get);
                let begun = counts.get("total").and_then(Value::as_u64);
                // What is repeated is there more often than it is declared.
                if let Some(total) = total.and_then(project::count)
                    && begun.is_none_or(|begun| begun < total)
                {
                    counts.insert("total".to_owned(), total.into());
                }
                Value::Object(counts)
            }),
        Make::Pick {
            at,
            only,
            reverse,
            limit,
            fields,
        } => {
            let lists = at.iter().filter_map(get).filter_map(Value::as_array);
            let fitting = lists.flatten();
            let fitting: Vec<&Value> = fitting.filter(|item| scope.holds(only, item)).collect();
            cuts.rows += fitting.len().saturating_sub(*limit);
            cuts.rows += fitting.iter().map(|item| beyond(item)).sum::<usize>();
            let mut items = Vec::new();
            for item in fitting.into_iter().take(*limit) {
                let item = members(scope, named(fields), item, cuts, untrusted)?;
                items.push(Value::Object(item));
            }
            if *reverse {
                items.reverse();
            }
            Some(Value::Array(items))
        }
        Make::First { at, only, give } => get(at).and_then(|list| {
            let mut items = list.as_array()?.iter();
            let first = items.find(|item| scope.holds(only, item))?;
            first.pointer(give).cloned()
        }),
        Make::Seek {
            at,
            key,
            equals,
            give,
            inputs,
        } => {
            let Some(wanted) = make(scope, equals, row, cuts, untrusted)? else {
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
        _ => None,
    })
}
