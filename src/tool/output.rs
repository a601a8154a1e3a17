//! From Kestra's answers to the result that a model reads: the fields of the manifest, nothing
//! absent, nothing ordinary, within a number of bytes.

mod cuts;
mod fields;
mod hidden;
mod link;
mod list;
mod members;
mod part;

use serde_json::{Map, Value};
use vocabulary::{Fields, Output};

use super::bindings::Bindings;
use super::error::Error;
use super::{cut, written};
use cuts::Cuts;
use fields::{members, object};
use link::{address, put_link};
use list::list;
use members::is_whole;

pub use fields::value;
pub(super) use list::no_page;
pub use members::{ITEMS, NOTE, UNTRUSTED};

/// The result of a call whose main answer is `main`; of a list, the rows that `fits` takes.
///
/// # Errors
/// [`Error::TooLarge`] when a field that is never cut is larger than its limit.
pub fn render(
    bindings: &Bindings<'_>,
    output: &Output,
    link: Option<&str>,
    fits: &dyn Fn(&Value) -> bool,
    main: &Value,
) -> Result<Value, Error> {
    let mut cuts = Cuts {
        lost: bindings.ctx.memory.lost(),
        ..Cuts::default()
    };
    let mut result = if output.rows.is_some() {
        list(bindings, output, link, fits, main, &mut cuts)?
    } else {
        let fields = &output.fields;
        let mut object = object(bindings, fields, main, &mut cuts)
            .map_err(|error| with_link(bindings, fields, link, main, error))?;
        put_link(bindings, link, &mut object);
        part::put_note(bindings, fields, main, &mut object);
        hidden::put_note(bindings, fields, main, &mut object);
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
    let most = bindings.ctx.limits.result;
    let whole = output.fields.values().any(|field| is_whole(field));
    // The last guard: no field is as large alone.
    if !whole && written::length(&result) > most {
        return Ok(cut::value(&result, most.saturating_sub(64), &bindings.ctx.secrets).0);
    }
    Ok(result)
}

/// What is too large to be answered can be read in the UI.
fn with_link(
    bindings: &Bindings<'_>,
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
    let object = members(bindings, small, main, &mut Cuts::default(), false).unwrap_or_default();
    let url = link.and_then(|template| address(bindings, template, &object));
    Error::TooLarge { bytes, most, url }
}

/// Fields of `row` alone, for candidates.
///
/// # Errors
/// As [`render`].
pub fn fields(bindings: &Bindings<'_>, fields: &Fields, row: &Value) -> Result<Value, Error> {
    object(bindings, fields, row, &mut Cuts::default()).map(Value::Object)
}
