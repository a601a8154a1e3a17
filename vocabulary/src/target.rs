//! Where policy finds the namespace that a call is about.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

use crate::Expr;

/// Where policy finds the namespace that a call is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// An argument of format `namespace`, a place in the document that was given, or a place in an
    /// answer that is read before the act; of a tool that reads, in the answer itself.
    At(Expr),
    /// Each row of the answer is asked about, by this place in it.
    Rows(String),
    /// None, and why.
    None(String),
}

/// A target as it is written.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Table {
    /// Each row of the answer is asked about, by this place in it.
    rows: Option<String>,
    /// There is none, for this reason.
    none: Option<String>,
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const FORMS: &str = "a target is \"$argument\", \"#/pointer\", \"@step/pointer\", { rows = \"/pointer\" } or { none = \"why\" }";
        let value = Value::deserialize(deserializer)?;
        if let Value::String(text) = &value {
            return match Expr::parse(text) {
                Expr::Constant(_) | Expr::Row(_) => Err(D::Error::custom(FORMS)),
                expr => Ok(Self::At(expr)),
            };
        }
        match serde_json::from_value(value) {
            Ok(Table {
                rows: Some(at),
                none: None,
            }) if at.starts_with('/') => Ok(Self::Rows(at)),
            Ok(Table {
                rows: None,
                none: Some(why),
            }) if !why.is_empty() => Ok(Self::None(why)),
            _ => Err(D::Error::custom(FORMS)),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Target {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = Table::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "type": "string", "pattern": "^[$#@]" }, table] })
    }
}
