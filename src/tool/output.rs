//! From Kestra's answers to the result that a model reads: the fields of the manifest, nothing
//! absent, nothing ordinary, within a number of bytes.

mod hidden;
mod made;
mod part;

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use vocabulary::{Class, Expr, Field, Fields, Make, Output, Type};

use super::error::Error;
use super::project::Lost;
use super::scope::{Scope, at, plain};
use super::{Unusable, cut, written};
use made::{first_of, make};

pub use made::value;

/// The member of a result, and of a row, in which stands what people outside the caller's control
/// wrote.
pub const UNTRUSTED: &str = "untrusted";
/// The rows of a list.
pub const ITEMS: &str = "items";
/// What this server says of a result in words, which may repeat what others wrote.
pub const NOTE: &str = "note";

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
            // A count of tasks takes its total from elsewhere, a text tells of its lines itself.
            Make::CountBy { at, .. } => told(at),
            Make::LineRange { .. } => {}
            // The fields of an object tell of themselves.
            other => other.parts().into_iter().for_each(|(at, _)| told(at)),
        }
        self.bytes - before
    }
}

/// The result of a call whose main answer is `main`; of a list, the rows that `fits` takes.
///
/// # Errors
/// [`Error::TooLarge`] when a field that is never cut is larger than its limit.
pub fn render(
    scope: &Scope<'_>,
    output: &Output,
    link: Option<&str>,
    fits: &dyn Fn(&Value) -> bool,
    main: &Value,
) -> Result<Value, Error> {
    let mut cuts = Cuts {
        lost: scope.ctx.memory.lost(),
        ..Cuts::default()
    };
    let mut result = if output.rows.is_some() {
        list(scope, output, link, fits, main, &mut cuts)?
    } else {
        let fields = &output.fields;
        let mut object = object(scope, fields, main, &mut cuts)
            .map_err(|error| with_link(scope, fields, link, main, error))?;
        put_link(scope, link, &mut object);
        part::put_note(scope, fields, main, &mut object);
        hidden::put_note(scope, fields, main, &mut object);
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
    let whole = output.fields.values().any(|field| is_whole(field));
    // The last guard: no field is as large alone.
    if !whole && written::length(&result) > most {
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

const fn is_whole(field: &Field) -> bool {
    matches!(field.make, Make::Whole { .. })
}

/// What is too large to be answered can be read in the UI.
fn with_link(
    scope: &Scope<'_>,
    fields: &Fields,
    link: Option<&str>,
    main: &Value,
    error: Error,
) -> Error {
    let Error::TooLarge { bytes, most, .. } = error else {
        return error;
    };
    let small = fields.iter().filter(|(_, field)| !is_whole(field));
    let small = small.map(|(name, field)| (name.as_str(), &field.node));
    let object = members(scope, small, main, &mut Cuts::default(), false).unwrap_or_default();
    let url = link.and_then(|template| address(scope, template, &object));
    Error::TooLarge { bytes, most, url }
}

/// The answer to a search is something else.
pub(super) const fn no_page() -> Error {
    Error::Unusable(Unusable::NotAPage)
}

fn list(
    scope: &Scope<'_>,
    output: &Output,
    link: Option<&str>,
    fits: &dyn Fn(&Value) -> bool,
    main: &Value,
    cuts: &mut Cuts,
) -> Result<Map<String, Value>, Error> {
    let rows = output.rows.as_ref().and_then(|rows| at(main, rows));
    let Some(rows) = rows.and_then(Value::as_array) else {
        return Err(no_page());
    };
    let mut rows: Vec<&Value> = rows.iter().collect();
    let key = |row: &Value| -> Vec<String> {
        let texts = output.order.iter().map(|expr| scope.get(expr, row));
        texts
            .map(|text| {
                text.map(|text| plain(text).into_owned())
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
        if !row.is_object() || !fits(row) {
            dropped += 1;
            continue;
        }
        let mut item = object(scope, &output.fields, row, cuts)?;
        put_link(scope, link, &mut item);
        let item = Value::Object(item);
        bytes += written::length(&item) + 1;
        // Room for what stands round the rows.
        if bytes > scope.ctx.limits.result.saturating_sub(1024) {
            left_out += 1;
        } else {
            items.push(item);
        }
    }
    let past_the_end = rows.is_empty() && page > 1;
    let total = output.total.as_ref().and_then(|total| at(main, total));
    let total = total.and_then(Value::as_u64);
    let has_more = left_out > 0
        || match total {
            Some(total) => !rows.is_empty() && page.saturating_mul(size) < total,
            None => rows.len() >= most,
        };
    let mut result = Map::new();
    let shown = items.len();
    result.insert(ITEMS.into(), Value::Array(items));
    // A filter that Kestra did not apply makes its total wrong too.
    if let (Some(total), false, 0) = (total, past_the_end, dropped) {
        result.insert("total".into(), total.into());
    }
    result.insert("page".into(), page.into());
    result.insert("has_more".into(), has_more.into());
    if past_the_end {
        result.insert(NOTE.into(), "past the end".into());
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
    fields: &Fields,
    row: &Value,
    cuts: &mut Cuts,
) -> Result<Map<String, Value>, Error> {
    members(scope, named(fields), row, cuts, false)
}

/// Fields with their names.
fn named(fields: &Fields) -> impl Iterator<Item = (&str, &Field)> {
    let fields = fields.iter();
    fields.map(|(name, field)| (name.as_str(), &field.node))
}

/// Fields of `row`; what is untrusted stands under `untrusted`, unless all of it is.
fn members<'f>(
    scope: &Scope<'_>,
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
            .is_some_and(|permission| !scope.ctx.may(permission))
        {
            continue;
        }
        if !scope.holds(&field.when, row) {
            continue;
        }
        let lost = cuts.of(&field.make);
        let apart = !untrusted && field.class() == Class::Untrusted;
        let made = match &field.make {
            Make::Plain { at } => Ok(first_of(scope, at, row).map(Cow::Borrowed)),
            how => make(scope, how, row, cuts, untrusted || apart).map(|made| made.map(Cow::Owned)),
        };
        let Some(value) = made.map_err(|error| larger(error, lost))? else {
            continue;
        };
        let Some(value) = of_kind(value, field.kind()) else {
            continue;
        };
        let Some(value) = fit(scope, field, row, value, cuts) else {
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

/// The value in the type that the schema promises; none when it is of another, since a client that
/// checks would refuse the whole answer.
fn of_kind(value: Cow<'_, Value>, kind: Type) -> Option<Cow<'_, Value>> {
    match (kind, &*value) {
        (Type::String, Value::Number(_) | Value::Bool(_)) => {
            Some(Cow::Owned(value.to_string().into()))
        }
        (Type::Integer, Value::String(text)) => {
            let number = text.parse::<i64>().ok();
            number.map(|number| Cow::Owned(number.into()))
        }
        (Type::String, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Array, Value::Array(_))
        | (Type::Object, Value::Object(_)) => Some(value),
        (Type::Integer, Value::Number(number)) if !number.is_f64() => Some(value),
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
    let ordinary = field.omit.as_ref() == Some(&*value);
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
    if is_whole(field) {
        return Some(value.into_owned());
    }
    let bytes = match &field.asked {
        Some(asked) if scope.holds(&asked.when, row) => asked.bytes,
        _ => field.bytes,
    };
    let (kept, whole) = cut::taken(value, bytes, &scope.ctx.secrets);
    cuts.bytes += whole.unwrap_or_default();
    // What Kestra encrypted is no object any more.
    of_kind(Cow::Owned(kept), field.kind()).map(Cow::into_owned)
}

/// Fields of `row` alone, for candidates.
///
/// # Errors
/// As [`render`].
pub fn fields(scope: &Scope<'_>, fields: &Fields, row: &Value) -> Result<Value, Error> {
    object(scope, fields, row, &mut Cuts::default()).map(Value::Object)
}

fn put_link(scope: &Scope<'_>, link: Option<&str>, object: &mut Map<String, Value>) {
    if let Some(link) = link.and_then(|template| address(scope, template, object)) {
        object.insert("url".into(), link.into());
    }
}

/// The address of an object in the UI; none when the UI or a part of it is unknown.
fn address(scope: &Scope<'_>, template: &str, object: &Map<String, Value>) -> Option<String> {
    let mut url = scope.ctx.ui.as_deref()?.to_owned();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let value = match name {
            "tenant" => Cow::Borrowed(&*scope.ctx.tenant),
            _ => plain(object.get(name)?),
        };
        url.push_str(before);
        url.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        rest = after;
    }
    url.push_str(rest);
    Some(url)
}
