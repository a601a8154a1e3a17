//! References to values.

use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

/// Where a value stands: `$argument`, `@step/pointer`, `#/pointer` or `/pointer`; anything else is
/// the value itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `$name`: an argument.
    Argument(String),
    /// `@step/pointer`: in the answer of an earlier step.
    Step(String, String),
    /// `#/pointer`: in the document that was given.
    Document(String),
    /// `/pointer`: in the row at hand, or in the main answer.
    Row(String),
    /// Anything else.
    Constant(Value),
}

impl Default for Expr {
    fn default() -> Self {
        Self::Constant(Value::Null)
    }
}

impl From<Value> for Expr {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::parse(&text),
            other => Self::Constant(other),
        }
    }
}

impl Expr {
    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        if let Some(name) = text.strip_prefix('$') {
            return Self::Argument(name.to_owned());
        }
        if let Some(rest) = text.strip_prefix('@') {
            let (step, pointer) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            return Self::Step(step.to_owned(), pointer.to_owned());
        }
        if let Some(pointer) = text.strip_prefix('#').filter(|rest| rest.starts_with('/')) {
            return Self::Document(pointer.to_owned());
        }
        if text.starts_with('/') {
            return Self::Row(text.to_owned());
        }
        Self::Constant(text.into())
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "schema")]
crate::schema_of_anything!(
    Expr,
    "a reference: `$argument`, `@step/pointer`, `#/pointer` into the document that was given, `/pointer` into the row or answer at hand; anything else is the value itself"
);
