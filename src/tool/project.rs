//! Reads a JSON body and builds only what is named: a tree from the manifest's pointers drives a
//! serde visitor, everything else is skipped without being kept. What is kept is bounded too.

mod bounds;
mod kinds;
mod labels;
mod prune;
mod skip;
mod tree;
mod whole;

use serde::de::DeserializeSeed as _;
use serde_json::Value;

use super::body::{Blocks, Repaired};
use crate::secret::Redactor;
use prune::Seed;

pub use bounds::{Bounds, Omission, Omissions};
pub use kinds::weight;
pub use vocabulary::Keep;

/// How many items a list has, of which [`Keep::Count`], [`Keep::Tree`] or [`Keep::Kinds`] is kept.
pub fn count(list: &Value) -> Option<u64> {
    match list {
        Value::Array(items) => Some(items.iter().map(weight).sum()),
        Value::Number(count) => count.as_u64(),
        _ => None,
    }
}

/// `body` pruned to `keep`, within `bounds`.
///
/// # Errors
/// When the body is not JSON.
pub fn read(
    body: &[u8],
    keep: &'static Keep,
    bounds: &Bounds<'_>,
) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Seed { keep, bounds }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The same for a body of any length, whose blocks are freed as they are read; what is no Unicode
/// in it is replaced, and what lies too deep is left out.
///
/// # Errors
/// When the body is not JSON.
pub fn read_blocks(
    body: Blocks,
    keep: &'static Keep,
    bounds: &Bounds<'_>,
) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_reader(Repaired::new(body, &bounds.guide));
    let value = Seed { keep, bounds }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The short `body` pruned to `keep`, whatever is in it; null when it is not JSON.
pub fn glance(body: &[u8], keep: &'static Keep, secrets: &Redactor) -> Value {
    let bounds = Bounds::of(body.len(), secrets);
    read_blocks(body.into(), keep, &bounds).unwrap_or_default()
}

#[cfg(test)]
mod tests;
