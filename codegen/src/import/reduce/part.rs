//! A part of a description, read with its place.

use serde_json::{Map, Value};

/// A part that is missing or of another kind.
pub(crate) struct Fault {
    pub place: String,
    pub expected: &'static str,
}

pub(super) type Reduced = Result<Value, Fault>;

/// Reduces what stands at the place.
pub(super) type Reduce = fn(&Value, &str) -> Reduced;

pub(super) fn map(given: &Value, place: &str, each: Reduce) -> Reduced {
    let mut out = Map::new();
    for (name, inner) in object(given, place)? {
        out.insert(name.clone(), each(inner, &format!("{place} {name}"))?);
    }
    Ok(Value::Object(out))
}

pub(super) fn keep(given: &Value, keys: &[&str], out: &mut Map<String, Value>) {
    for key in keys {
        if let Some(value) = given.get(key) {
            out.insert((*key).to_owned(), value.clone());
        }
    }
}

pub(super) fn object<'a>(given: &'a Value, place: &str) -> Result<&'a Map<String, Value>, Fault> {
    given
        .as_object()
        .ok_or_else(|| fault(place, "an object has to stand here"))
}

pub(super) fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

pub(super) fn fault(place: &str, expected: &'static str) -> Fault {
    Fault {
        place: place.to_owned(),
        expected,
    }
}
