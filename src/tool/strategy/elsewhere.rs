//! A change that Kestra answers for another object than the one that was asked for: it took effect,
//! so it is told with where it went.

use serde_json::{Map, Value};

use super::Steps;
use crate::tool::cut;
use crate::tool::error::Error;
use crate::tool::output::Make;
use crate::tool::scope::{Expr, Scope, plain};

/// Bytes of a name that Kestra gives.
const NAME: usize = 200;

/// Holds what `value` says of the object against what was asked for.
///
/// # Errors
/// [`Error::Elsewhere`] when it names another.
pub(super) fn check<S: Steps>(
    scope: &Scope<'_>,
    same: &'static [(&'static str, Expr)],
    value: &Value,
) -> Result<(), Error> {
    let mut asked = Map::new();
    for (pointer, expr) in same {
        let found = value.pointer(pointer).filter(|found| !found.is_null());
        let wanted = scope.get(expr, &Value::Null);
        if let (Some(found), Some(wanted)) = (found, wanted)
            && plain(found) != plain(&wanted)
        {
            asked.insert(
                name::<S>(pointer, Some(expr)).to_owned(),
                wanted.into_owned(),
            );
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let pointers = same.iter().map(|(pointer, expr)| (*pointer, Some(expr)));
    let pointers = pointers.chain(S::PLAN.follow.map(|follow| (follow.id, None)));
    let answered = pointers.filter_map(|(pointer, expr)| {
        let found = told(scope, value.pointer(pointer)?)?;
        Some((name::<S>(pointer, expr).to_owned(), found))
    });
    let answered = answered.collect();
    Err(Error::Elsewhere { asked, answered })
}

/// The field of the tool's result in which that place of an answer is told, or what it must equal.
pub(super) fn name<S: Steps>(pointer: &'static str, expr: Option<&Expr>) -> &'static str {
    let mut fields = S::PLAN.output.fields.iter();
    let field = fields.find(|field| match field.make {
        Make::Plain([Expr::Row(place)]) => *place == pointer,
        Make::Plain([own]) => Some(own) == expr,
        _ => false,
    });
    field.map_or_else(|| pointer.trim_start_matches('/'), |field| field.name)
}

/// A name as it may be shown; none for a value that is not a name.
fn told(scope: &Scope<'_>, found: &Value) -> Option<Value> {
    match found {
        Value::Number(_) => Some(found.clone()),
        Value::String(text) => {
            let clean = cut::clean(text, &scope.ctx.secrets);
            Some(cut::text(&clean, NAME).0.into())
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
