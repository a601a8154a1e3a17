//! From Kestra's answers to the result that a model reads: the fields of the manifest, nothing
//! absent, nothing ordinary, within a number of bytes.

mod cuts;
mod hidden;
mod link;
mod list;
mod made;
mod members;
mod part;

use serde_json::{Map, Value};
use vocabulary::{Fields, Output};

use super::error::Error;
use super::scope::Scope;
use super::{cut, written};
use cuts::Cuts;
use link::{address, put_link};
use list::list;
use made::{members, object};
use members::is_whole;

pub(super) use list::no_page;
pub use made::value;
pub use members::{ITEMS, NOTE, UNTRUSTED};

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

/// Fields of `row` alone, for candidates.
///
/// # Errors
/// As [`render`].
pub fn fields(scope: &Scope<'_>, fields: &Fields, row: &Value) -> Result<Value, Error> {
    object(scope, fields, row, &mut Cuts::default()).map(Value::Object)
}
