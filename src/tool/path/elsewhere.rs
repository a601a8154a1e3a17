//! A change that Kestra answers for another object than the one that was asked for: it took effect,
//! so it is told with where it went.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use vocabulary::{Expr, Make};

use crate::tool::bindings::{Bindings, member, plain};
use crate::tool::error::Error;
use crate::tool::{Tool, cut};

/// Bytes of a name that Kestra gives.
const NAME: usize = 200;

/// Holds what `value` says of the object against what was asked for.
///
/// # Errors
/// [`Error::Elsewhere`] when it names another.
pub(super) fn check(
    tool: &'static Tool,
    bindings: &Bindings<'_>,
    same: &'static IndexMap<String, Expr>,
    value: &Value,
) -> Result<(), Error> {
    let mut asked = Map::new();
    for (place, expr) in same {
        let found = member(value, place).filter(|found| !found.is_null());
        let wanted = bindings.get(expr, &Value::Null);
        if let (Some(found), Some(wanted)) = (found, wanted)
            && plain(found) != plain(wanted)
        {
            asked.insert(name(tool, place, Some(expr)).to_owned(), wanted.clone());
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let settle = tool.entry.settle.as_ref();
    let id = settle.and_then(|settle| settle.id.as_ref());
    let places = same.iter().map(|(place, expr)| (place, Some(expr)));
    let places = places.chain(id.map(|id| (id, None)));
    let answered = places.filter_map(|(place, expr)| {
        let found = told(bindings, member(value, place)?)?;
        Some((name(tool, place, expr).to_owned(), found))
    });
    let answered = answered.collect();
    Err(Error::Elsewhere { asked, answered })
}

/// The field of the tool's result in which that place of an answer is told, or what it must equal.
pub(super) fn name(tool: &'static Tool, place: &'static str, expr: Option<&Expr>) -> &'static str {
    let bare = place.trim_start_matches('/');
    let mut fields = tool.entry.output.fields.iter();
    let field = fields.find(|(_, field)| match &field.make {
        Make::Plain { at } => match &**at {
            [Expr::Row(own)] => own.trim_start_matches('/') == bare,
            [own] => Some(own) == expr,
            _ => false,
        },
        _ => false,
    });
    field.map_or(bare, |(name, _)| name)
}

/// A name as it may be shown; none for a value that is not a name.
fn told(bindings: &Bindings<'_>, found: &Value) -> Option<Value> {
    match found {
        Value::Number(_) => Some(found.clone()),
        Value::String(text) => {
            let clean = cut::clean(text, &bindings.ctx.secrets);
            Some(cut::text(&clean, NAME).0.into())
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
