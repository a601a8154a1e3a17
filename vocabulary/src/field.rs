//! What a field states of its value.

use serde::Deserialize;

use crate::{Expr, When};

/// Who wrote a text, which decides how far it is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// This server, or Kestra in a closed form: ids, states, times, URLs. It is searched for the
    /// credential only.
    Ours,
    /// It repeats what people wrote or the call sent, such as labels. It is searched for every secret
    /// that the call knows.
    Repeats,
    /// People outside the caller's control: it stands under `untrusted`, names of members are
    /// searched too.
    #[default]
    Untrusted,
}

/// A JSON type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// A list.
    Array,
}

impl Type {
    /// As JSON Schema writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

/// Another limit of a field when the caller asked for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "AskedTable")]
pub struct Asked {
    /// An argument is a list with a word in it.
    pub when: When,
    /// The limit in bytes then.
    pub bytes: usize,
}

/// Other bytes of a field when it was asked for, as they are written.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Asked"))]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedTable {
    /// The argument: a list of words.
    arg: String,
    /// The word in it.
    contains: String,
    /// The limit in bytes then.
    bytes: usize,
}

impl From<AskedTable> for Asked {
    fn from(table: AskedTable) -> Self {
        let AskedTable {
            arg,
            contains,
            bytes,
        } = table;
        Self {
            when: When::Contains(Expr::Argument(arg), contains),
            bytes,
        }
    }
}
