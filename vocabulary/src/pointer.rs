//! Pointers into an answer, read where a text stands for one.

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, Error};

use crate::Many;

/// A pointer; the empty one is the whole value.
fn checked<E: Error>(text: &str) -> Result<(), E> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(());
    }
    Err(E::custom(format_args!(
        "expected a pointer such as \"/id\", not \"{text}\""
    )))
}

pub(crate) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    checked(&text).map(|()| text)
}

pub(crate) fn maybe<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.as_deref().map_or(Ok(()), checked).map(|()| text)
}

pub(crate) fn several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Many<String>, D::Error> {
    let many = Many::<String>::deserialize(deserializer)?;
    many.iter()
        .try_for_each(|text| checked(text))
        .map(|()| many)
}

pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let list = Vec::<String>::deserialize(deserializer)?;
    list.iter()
        .try_for_each(|text| checked(text))
        .map(|()| list)
}

pub(crate) fn by_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<IndexMap<String, String>, D::Error> {
    let named = IndexMap::<String, String>::deserialize(deserializer)?;
    named
        .values()
        .try_for_each(|text| checked(text))
        .map(|()| named)
}
