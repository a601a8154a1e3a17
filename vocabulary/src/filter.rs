//! Filters of Kestra's searches, and checks of rows.

use serde::Deserialize;
use serde_json::Value;

use crate::{Expr, Many};

/// An operation of Kestra's filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Op {
    /// The same value; for a label, the same value under the key.
    Equals,
    /// One of a comma-joined list.
    In,
    /// This namespace or one below it.
    Prefix,
    /// Part of the text, ignoring case.
    Contains,
    /// At or after.
    #[serde(rename = "GREATER_THAN_OR_EQUAL_TO")]
    AtLeast,
    /// At or before.
    #[serde(rename = "LESS_THAN_OR_EQUAL_TO")]
    AtMost,
}

impl Op {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "EQUALS",
            Self::In => "IN",
            Self::Prefix => "PREFIX",
            Self::Contains => "CONTAINS",
            Self::AtLeast => "GREATER_THAN_OR_EQUAL_TO",
            Self::AtMost => "LESS_THAN_OR_EQUAL_TO",
        }
    }
}

/// One filter: `filters[field][OP]=value`, or `filters[field][OP][key]=value` for each key.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FilterTable")]
pub struct Filter {
    /// The operation.
    pub op: Op,
    /// The value; the filter is left out if there is none.
    pub value: Expr,
    /// The value to use if there is none.
    pub or: Option<Value>,
    /// The value is an object; each of its members is a filter.
    pub keyed: bool,
    /// The place in a row that the filter is about: the filter is applied again to each row that Kestra returns.
    pub check: Option<String>,
}

/// A filter as it is written.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct FilterTable {
    /// The operation.
    op: Op,
    /// The value, by the name of an argument.
    arg: Option<String>,
    /// The value.
    at: Option<Expr>,
    /// The value itself.
    constant: Option<Value>,
    /// The value to use if there is none.
    or: Option<Value>,
    /// The value is an object; each of its members is a filter.
    #[serde(default)]
    keyed: bool,
    /// The place in a row that the filter is about: the filter is applied again to each row that Kestra returns.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    check: Option<String>,
}

impl TryFrom<FilterTable> for Filter {
    type Error = &'static str;

    fn try_from(table: FilterTable) -> Result<Self, Self::Error> {
        let FilterTable {
            op,
            arg,
            at,
            constant,
            or,
            keyed,
            check,
        } = table;
        let argument = arg.map(Expr::Argument);
        let value = argument.or(at).or(constant.map(Expr::Constant));
        let value = value.ok_or("a filter names its value by `arg`, `at` or `constant`")?;
        Ok(Self {
            op,
            value,
            or,
            keyed,
            check,
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Filter {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        FilterTable::json_schema(generator)
    }
}

/// A condition that every row must meet.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The place in a row; of several places, one that meets the condition is enough.
    #[serde(deserialize_with = "crate::pointer::several")]
    pub at: Many<String>,
    /// The operation.
    pub op: Op,
    /// The argument; if it is absent, every row passes.
    pub arg: String,
}
