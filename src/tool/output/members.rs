//! One member of a result: its reserved names, its type, and how it is cut.

use std::borrow::Cow;

use serde_json::Value;
use vocabulary::{Field, Make, Type};

use super::cuts::Cuts;
use crate::tool::bindings::Bindings;
use crate::tool::cut;

/// The member of a result, and of a row, in which stands what people outside the caller's control
/// wrote.
pub const UNTRUSTED: &str = "untrusted";
/// The rows of a list.
pub const ITEMS: &str = "items";
/// This server's remarks on a result, which may repeat text that others wrote.
pub const NOTE: &str = "note";

pub(super) const fn is_whole(field: &Field) -> bool {
    matches!(field.make, Make::Whole { .. })
}

/// The value in the type that the schema promises; none when it is of another, since a client that
/// checks would refuse the whole answer.
pub(super) fn of_kind(value: Cow<'_, Value>, kind: Type) -> Option<Cow<'_, Value>> {
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

/// The value, cut and cleaned; `None` when it is empty or the default.
pub(super) fn fit(
    bindings: &Bindings<'_>,
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
        Some(asked) if bindings.holds(&asked.when, row) => asked.bytes,
        _ => field.bytes,
    };
    let (kept, whole) = cut::taken(value, bytes, &bindings.ctx.secrets);
    cuts.bytes += whole.unwrap_or_default();
    // A value that Kestra encrypted is not an object any more.
    of_kind(Cow::Owned(kept), field.kind()).map(Cow::into_owned)
}
