//! JSON with references in it.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::Value;

use crate::Expr;
use crate::visit::Visit;

/// JSON with references in it; what is absent is left out.
#[derive(Clone, Debug)]
pub enum Template {
    /// A reference or a constant.
    Value(Expr),
    /// Members.
    Object(IndexMap<String, Template>),
    /// Items.
    List(Vec<Template>),
}

impl From<Value> for Template {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
            ),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            scalar => Self::Value(scalar.into()),
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "schema")]
crate::schema_of_anything!(Template, "JSON with references in it");

impl Visit for Template {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Value(expr) => visit(expr),
            Self::Object(members) => members
                .values()
                .for_each(|member| member.expressions(visit)),
            Self::List(items) => items.expressions(visit),
        }
    }
}
