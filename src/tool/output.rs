//! From Kestra's answers to the result that a model reads: the fields of the manifest, nothing
//! absent, nothing ordinary, within a number of bytes.

mod hidden;
mod part;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::error::Error;
use super::filter::Check;
use super::project::{Lost, weight};
use super::scope::{Expr, Scope, When, plain};
use super::unusable::Unusable;
use super::{Permission, cut, make, project};

/// The shape of a result.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Where the rows of a list stand in the main answer; none is a single object.
    pub rows: Option<&'static str>,
    /// Where Kestra's total stands.
    pub total: Option<&'static str>,
    /// The fields of the object, or of each row.
    pub fields: &'static [Field],
    /// Places in a row by which the rows of a page are put in order, where Kestra cannot.
    pub order: &'static [Expr],
    /// Address in Kestra's UI, with `{field}` for fields of the result.
    pub link: Option<&'static str>,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is made of.
    pub make: Make,
    /// Left out unless this holds.
    pub when: When,
    /// Written by people outside the caller's control.
    pub untrusted: bool,
    /// Left out for who does not hold it.
    pub permission: Option<Permission>,
    /// JSON of the ordinary value, which is left out.
    pub omit: Option<&'static str>,
    /// The JSON type that the schema promises; empty is any.
    pub kind: &'static str,
    /// Bytes of the value.
    pub bytes: usize,
    /// Other bytes when it was asked for.
    pub asked: Option<(When, usize)>,
}

/// What a field is made of.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// The first of several places that holds anything.
    Plain(&'static [Expr]),
    /// Never cut: an error above this many bytes. With the lines of it that were asked for, and from
    /// how many bytes on it is told that there are such.
    Whole(Expr, usize, Option<(Expr, usize)>),
    /// Which lines of a text were asked for, of how many.
    LineRange(Expr, Expr),
    /// An instant.
    Time(Expr),
    /// From one instant to another.
    SecondsBetween(Expr, Expr),
    /// Whether a text is one of these.
    InSet(Expr, &'static [&'static str]),
    /// Whether none of several places holds true.
    NoneOf(&'static [Expr]),
    /// Labels as an object, without those of the system.
    LabelMap(Expr),
    /// The first line of a text.
    FirstLine(Expr),
    /// `id:TYPE` of flow inputs.
    InputSpec(Expr),
    /// Flow inputs as objects.
    InputList(Expr),
    /// The last words of class names in a list.
    ShortTypes(Expr, &'static str),
    /// How many items.
    Count(Expr),
    /// How many items by a text of each, and in all: what the first of these places says that holds
    /// anything, else how many items there are.
    CountBy(Expr, &'static str, &'static [Expr]),
    /// An object with fields of its own.
    Object(&'static [Field]),
    /// Items of a list as objects.
    Pick {
        /// The lists, one after the other.
        at: &'static [Expr],
        /// Which items.
        only: When,
        /// Last first.
        reverse: bool,
        /// How many at most.
        limit: usize,
        /// Of each.
        fields: &'static [Field],
    },
    /// Something of the first item that fits.
    First {
        /// The list.
        at: Expr,
        /// Which item.
        only: When,
        /// What of it.
        give: &'static str,
    },
    /// Something of the object that is found by its key in a tree.
    Seek {
        /// The tree.
        at: Expr,
        /// The key.
        key: &'static str,
        /// Its value.
        equals: &'static Make,
        /// What of it, as flow inputs.
        give: &'static str,
    },
}

/// What a result lost.
#[derive(Default)]
struct Cuts {
    /// Of values that were not answered whole.
    bytes: usize,
    /// Items of lists beyond their limit.
    rows: usize,
    /// What was not even kept of the answers, until it is told.
    lost: Lost,
}

impl Cuts {
    /// Counts what was not kept of what `how` is made of; how many bytes of texts that is.
    fn of(&mut self, how: &Make) -> usize {
        if self.lost.is_empty() {
            return 0;
        }
        let before = self.bytes;
        let mut told = |expr: &Expr| {
            let (Expr::Row(pointer) | Expr::Step(_, pointer)) = expr else {
                return;
            };
            for name in pointer.split('/') {
                let loss = self.lost.tell(name);
                self.rows = self.rows.saturating_add(loss.items);
                self.bytes = self.bytes.saturating_add(loss.bytes);
            }
        };
        match how {
            Make::Plain(places) | Make::NoneOf(places) => places.iter().for_each(told),
            Make::Pick { at, .. } => at.iter().for_each(told),
            Make::SecondsBetween(from, to) => [from, to].into_iter().for_each(told),
            Make::Whole(at, ..)
            | Make::Time(at)
            | Make::InSet(at, _)
            | Make::LabelMap(at)
            | Make::FirstLine(at)
            | Make::InputSpec(at)
            | Make::InputList(at)
            | Make::ShortTypes(at, _)
            | Make::Count(at)
            | Make::CountBy(at, ..)
            | Make::First { at, .. }
            | Make::Seek { at, .. } => told(at),
            // The fields of an object tell of themselves, a text of its own lines.
            Make::Object(_) | Make::LineRange(..) => {}
        }
        self.bytes - before
    }
}

/// The result of a call whose main answer is `main`.
///
/// # Errors
/// [`Error::TooLarge`] when a field that is never cut is larger than its limit.
pub fn render(
    scope: &Scope<'_>,
    output: &Output,
    checks: &[Check],
    main: &Value,
) -> Result<Value, Error> {
    let mut cuts = Cuts {
        lost: scope.ctx.memory.lost(),
        ..Cuts::default()
    };
    let mut result = if let Some(rows) = output.rows {
        list(scope, output, rows, checks, main, &mut cuts)?
    } else {
        let mut object = object(scope, output.fields, main, &mut cuts)
            .map_err(|error| with_link(scope, output, main, error))?;
        put_link(scope, output, &mut object);
        part::put_note(scope, output.fields, main, &mut object);
        hidden::put_note(scope, output.fields, main, &mut object);
        object
    };
    if (cuts.bytes > 0 || cuts.rows > 0) && !result.contains_key("truncated") {
        let mut truncated = Map::new();
        if cuts.bytes > 0 {
            truncated.insert("bytes".into(), cuts.bytes.into());
        }
        if cuts.rows > 0 {
            truncated.insert("rows".into(), cuts.rows.into());
        }
        let hint = "what is long was cut; the whole is in Kestra's UI";
        truncated.insert("hint".into(), hint.into());
        result.insert("truncated".into(), truncated.into());
    }
    let result = Value::Object(result);
    let most = scope.ctx.limits.result;
    let whole = output
        .fields
        .iter()
        .any(|field| matches!(field.make, Make::Whole(..)));
    // The last guard: no field is as large alone.
    if !whole && result.to_string().len() > most {
        return Ok(cut::value(&result, most.saturating_sub(64), &scope.ctx.secrets).0);
    }
    Ok(result)
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

/// What is too large to be answered can be read in the UI.
fn with_link(scope: &Scope<'_>, output: &Output, main: &Value, error: Error) -> Error {
    let Error::TooLarge { bytes, most, .. } = error else {
        return error;
    };
    let small = output
        .fields
        .iter()
        .filter(|field| !matches!(field.make, Make::Whole(..)));
    let small: Vec<Field> = small.copied().collect();
    let object = object(scope, &small, main, &mut Cuts::default()).unwrap_or_default();
    let url = output
        .link
        .and_then(|template| link(scope, template, &object));
    Error::TooLarge { bytes, most, url }
}

/// The answer to a search is something else.
pub(super) const fn no_page() -> Error {
    Error::Unusable(Unusable::NotAPage)
}

fn list(
    scope: &Scope<'_>,
    output: &Output,
    at: &str,
    checks: &[Check],
    main: &Value,
    cuts: &mut Cuts,
) -> Result<Map<String, Value>, Error> {
    let Some(rows) = main.pointer(at).and_then(Value::as_array) else {
        return Err(no_page());
    };
    let mut rows: Vec<&Value> = rows.iter().collect();
    let key = |row: &Value| -> Vec<String> {
        let texts = output.order.iter().map(|expr| scope.get(expr, row));
        texts
            .map(|text| {
                text.map(|text| plain(&text).into_owned())
                    .unwrap_or_default()
            })
            .collect()
    };
    if !output.order.is_empty() {
        rows.sort_by_cached_key(|row| key(row));
    }
    let number = |name: &str| scope.arguments.get(name).and_then(Value::as_u64);
    let (page, size) = (number("page").unwrap_or(1), number("size").unwrap_or(25));
    let (mut items, mut dropped, mut bytes, mut left_out) = (Vec::new(), 0, 0, 0);
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    for row in rows.iter().take(most) {
        if !row.is_object() || !scope.fits(row, checks) {
            dropped += 1;
            continue;
        }
        let mut item = object(scope, output.fields, row, cuts)?;
        put_link(scope, output, &mut item);
        let item = Value::Object(item);
        bytes += item.to_string().len() + 1;
        // Room for what stands round the rows.
        if bytes > scope.ctx.limits.result.saturating_sub(1024) {
            left_out += 1;
        } else {
            items.push(item);
        }
    }
    let past_the_end = rows.is_empty() && page > 1;
    let total = output
        .total
        .and_then(|at| main.pointer(at))
        .and_then(Value::as_u64);
    let has_more = left_out > 0
        || match total {
            Some(total) => !rows.is_empty() && page.saturating_mul(size) < total,
            None => rows.len() >= most,
        };
    let mut result = Map::new();
    let shown = items.len();
    result.insert("items".into(), Value::Array(items));
    // A filter that Kestra did not apply makes its total wrong too.
    if let (Some(total), false, 0) = (total, past_the_end, dropped) {
        result.insert("total".into(), total.into());
    }
    result.insert("page".into(), page.into());
    result.insert("has_more".into(), has_more.into());
    if past_the_end {
        result.insert("note".into(), "past the end".into());
    }
    if dropped > 0 {
        result.insert("dropped".into(), dropped.into());
    }
    if left_out > 0 {
        // With a smaller size the page after those shown begins at or before the first left out.
        let smaller = (shown as u64 / 2).max(1);
        let next = (page.saturating_sub(1).saturating_mul(size) + shown as u64) / smaller + 1;
        let truncated = json!({
            "bytes": bytes,
            "rows": left_out,
            "next": { "page": next, "size": smaller },
            "hint": "ask again with page and size of next",
        });
        result.insert("truncated".into(), truncated);
    }
    Ok(result)
}

/// Fields of `row`; what is untrusted stands under `untrusted`.
fn object(
    scope: &Scope<'_>,
    fields: &[Field],
    row: &Value,
    cuts: &mut Cuts,
) -> Result<Map<String, Value>, Error> {
    let mut object = Map::new();
    let mut untrusted = Map::new();
    for field in fields {
        if field
            .permission
            .is_some_and(|permission| !scope.ctx.may(permission))
        {
            continue;
        }
        if !scope.holds(&field.when, row) {
            continue;
        }
        let lost = cuts.of(&field.make);
        let made = match &field.make {
            Make::Plain(places) => Ok(first_of(scope, places, row)),
            how => make(scope, how, row, cuts).map(|made| made.map(Cow::Owned)),
        };
        let Some(value) = made.map_err(|error| larger(error, lost))? else {
            continue;
        };
        let Some(value) = of_kind(value, field.kind) else {
            continue;
        };
        let Some(value) = fit(scope, field, row, value, cuts) else {
            continue;
        };
        let place = if field.untrusted {
            &mut untrusted
        } else {
            &mut object
        };
        place.insert(field.name.to_owned(), value);
    }
    if !untrusted.is_empty() {
        object.insert("untrusted".into(), Value::Object(untrusted));
    }
    Ok(object)
}

/// The value in the type that the schema promises; none when it is of another, since a client that
/// checks would refuse the whole answer.
fn of_kind<'v>(value: Cow<'v, Value>, kind: &str) -> Option<Cow<'v, Value>> {
    match (kind, &*value) {
        ("string", Value::Number(_) | Value::Bool(_)) => Some(Cow::Owned(value.to_string().into())),
        ("integer", Value::String(text)) => {
            let number = text.parse::<i64>().ok();
            number.map(|number| Cow::Owned(number.into()))
        }
        ("string", Value::String(_))
        | ("number", Value::Number(_))
        | ("boolean", Value::Bool(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_))
        | ("", _) => Some(value),
        ("integer", Value::Number(number)) if !number.is_f64() => Some(value),
        _ => None,
    }
}

/// The value cut and cleaned; none when it is empty or ordinary.
fn fit(
    scope: &Scope<'_>,
    field: &Field,
    row: &Value,
    value: Cow<'_, Value>,
    cuts: &mut Cuts,
) -> Option<Value> {
    let ordinary = field.omit.is_some_and(|json| {
        serde_json::from_str::<Value>(json).is_ok_and(|ordinary| ordinary == *value)
    });
    let empty = match &*value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if ordinary || empty {
        return None;
    }
    if matches!(field.make, Make::Whole(..)) {
        return Some(value.into_owned());
    }
    let bytes = match &field.asked {
        Some((when, bytes)) if scope.holds(when, row) => *bytes,
        _ => field.bytes,
    };
    let (kept, cut) = cut::value(&value, bytes, &scope.ctx.secrets);
    if cut {
        cuts.bytes += value.to_string().len();
    }
    // What Kestra encrypted is no object any more.
    of_kind(Cow::Owned(kept), field.kind).map(Cow::into_owned)
}

/// The first of `places` that holds anything.
fn first_of<'v>(scope: &'v Scope<'_>, places: &[Expr], row: &'v Value) -> Option<Cow<'v, Value>> {
    let full = |value: &Value| value.as_object().is_none_or(|members| !members.is_empty());
    places
        .iter()
        .find_map(|place| scope.get(place, row).filter(|value| full(value)))
}

fn make(
    scope: &Scope<'_>,
    how: &Make,
    row: &Value,
    cuts: &mut Cuts,
) -> Result<Option<Value>, Error> {
    let get = |expr: &Expr| scope.get(expr, row);
    Ok(match how {
        Make::Plain(places) => first_of(scope, places, row).map(Cow::into_owned),
        Make::LineRange(expr, lines) => {
            part::of(scope, expr, lines, row)?.map(|part| part.range().into())
        }
        Make::Whole(expr, most, lines) => match get(expr) {
            Some(value) => {
                let bytes = plain(&value).len();
                if bytes > *most {
                    return Err(Error::TooLarge {
                        bytes,
                        most: *most,
                        url: None,
                    });
                }
                let asked = match lines {
                    Some((lines, _)) => part::of(scope, expr, lines, row)?,
                    None => None,
                };
                let text = asked.map_or_else(|| plain(&value).into_owned(), |part| part.text);
                Some(Value::String(text))
            }
            None => None,
        },
        Make::Time(expr) => get(expr)
            .and_then(|value| make::time(&value))
            .map(Value::String),
        Make::SecondsBetween(from, to) => match (get(from), get(to)) {
            (Some(from), Some(to)) => make::seconds_between(&from, &to),
            _ => None,
        },
        Make::InSet(expr, set) => get(expr).map(|value| {
            value
                .as_str()
                .is_some_and(|text| set.contains(&text))
                .into()
        }),
        Make::NoneOf(places) => Some(
            (!places
                .iter()
                .any(|place| get(place).is_some_and(|value| *value == true)))
            .into(),
        ),
        Make::LabelMap(expr) => get(expr).map(|value| Value::Object(make::label_map(&value))),
        Make::FirstLine(expr) => {
            get(expr).and_then(|value| make::first_line(&value).map(Value::from))
        }
        Make::InputSpec(expr) => get(expr).map(|value| Value::Array(make::input_spec(&value))),
        Make::InputList(expr) => get(expr).map(|value| Value::Array(make::input_list(&value))),
        Make::ShortTypes(expr, by) => get(expr).map(|value| {
            let items = value.as_array().into_iter().flatten();
            let names = items.filter_map(|item| {
                cuts.rows += beyond(item);
                item.pointer(by)?.as_str()
            });
            Value::Array(names.map(|name| make::short_type(name).into()).collect())
        }),
        Make::Count(expr) => get(expr).and_then(|value| project::count(&value).map(Value::from)),
        Make::CountBy(expr, by, totals) => get(expr)
            .and_then(|value| make::count_by(&value, by))
            .map(|mut counts| {
                let total = totals.iter().find_map(get);
                let begun = counts.get("total").and_then(Value::as_u64);
                // What is repeated is there more often than it is declared.
                if let Some(total) = total.and_then(|total| project::count(&total))
                    && begun.is_none_or(|begun| begun < total)
                {
                    counts.insert("total".to_owned(), total.into());
                }
                Value::Object(counts)
            }),
        Make::Object(fields) => Some(Value::Object(object(scope, fields, row, cuts)?)),
        Make::Pick { .. } | Make::First { .. } | Make::Seek { .. } => {
            of_list(scope, how, row, cuts)?
        }
    })
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
) -> Result<Option<Value>, Error> {
    let get = |expr: &Expr| scope.get(expr, row);
    Ok(match how {
        Make::Pick {
            at,
            only,
            reverse,
            limit,
            fields,
        } => {
            let lists: Vec<_> = at.iter().filter_map(get).collect();
            let lists = lists.iter().filter_map(|list| list.as_array());
            let fitting = lists.flatten();
            let fitting: Vec<&Value> = fitting.filter(|item| scope.holds(only, item)).collect();
            cuts.rows += fitting.len().saturating_sub(*limit);
            cuts.rows += fitting.iter().map(|item| beyond(item)).sum::<usize>();
            let mut items = Vec::new();
            for item in fitting.into_iter().take(*limit) {
                items.push(Value::Object(object(scope, fields, item, cuts)?));
            }
            if *reverse {
                items.reverse();
            }
            Some(Value::Array(items))
        }
        Make::First { at, only, give } => get(at).and_then(|list| {
            let first = list
                .as_array()?
                .iter()
                .find(|item| scope.holds(only, item))?;
            first.pointer(give).cloned()
        }),
        Make::Seek {
            at,
            key,
            equals,
            give,
        } => {
            let Some(wanted) = make(scope, equals, row, cuts)? else {
                return Ok(None);
            };
            get(at)
                .and_then(|tree| make::seek(&tree, key, &wanted, give).map(make::input_list))
                .map(Value::Array)
        }
        _ => None,
    })
}

/// Fields of `row` alone, for candidates.
///
/// # Errors
/// As [`render`].
pub fn fields(scope: &Scope<'_>, fields: &[Field], row: &Value) -> Result<Value, Error> {
    object(scope, fields, row, &mut Cuts::default()).map(Value::Object)
}

fn put_link(scope: &Scope<'_>, output: &Output, object: &mut Map<String, Value>) {
    if let Some(link) = output
        .link
        .and_then(|template| link(scope, template, object))
    {
        object.insert("url".into(), link.into());
    }
}

/// The address of an object in the UI; none when the UI or a part of it is unknown.
fn link(scope: &Scope<'_>, template: &str, object: &Map<String, Value>) -> Option<String> {
    let mut url = scope.ctx.ui.as_deref()?.to_owned();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let value = match name {
            "tenant" => scope.ctx.tenant.to_string(),
            _ => plain(object.get(name)?).into_owned(),
        };
        url.push_str(before);
        url.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        rest = after;
    }
    url.push_str(rest);
    Some(url)
}
