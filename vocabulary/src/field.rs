//! Fields of a result.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::visit::Visit;
use crate::{At, Expr, Make, Permission, Sets, When, Words};

/// Fields by name, in order.
pub type Fields = IndexMap<String, At<Field>>;

/// Bytes of a field that states none.
pub(crate) const BYTES: usize = 4096;

/// One field of a result.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is made of.
    pub make: Make,
    /// Left out unless this holds.
    pub when: When,
    /// Who wrote the text in it.
    pub text: Option<Class>,
    /// Left out for who does not hold it.
    pub permission: Option<Permission>,
    /// The ordinary value, which is left out.
    pub omit: Option<Value>,
    /// The JSON type that the schema promises, where `make` does not say it.
    pub kind: Type,
    /// Bytes of the value.
    pub bytes: usize,
    /// Other bytes when it was asked for.
    pub asked: Option<Asked>,
}

/// Who wrote a text: what is told of it follows from that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// This server, or Kestra in a closed form: ids, states, times, addresses. It is searched for
    /// the credential alone.
    Ours,
    /// It repeats what people wrote or the call sent, such as labels. It is searched for every
    /// secret that the call knows.
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

/// Other bytes of a field when it was asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "AskedTable")]
pub struct Asked {
    /// An argument is a list with a word in it.
    pub when: When,
    /// The bytes then.
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
    /// The bytes then.
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

impl From<Make> for Field {
    fn from(make: Make) -> Self {
        Self {
            make,
            when: When::Always,
            text: None,
            permission: None,
            omit: None,
            kind: Type::String,
            bytes: BYTES,
            asked: None,
        }
    }
}

/// Looks up the names of sets in `fields`.
pub(crate) fn resolve(fields: &mut Fields, sets: &Sets) {
    for field in fields.values_mut() {
        field.when.resolve(sets);
        field.make.resolve(sets);
    }
}

impl Visit for Fields {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.values().for_each(|field| field.expressions(visit));
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.values().for_each(|field| field.words(visit));
    }
}

impl Field {
    /// Who wrote the text in it; the strictest where the manifest does not say and it could be anybody.
    pub fn class(&self) -> Class {
        let no_text = !matches!(
            self.make.kind().unwrap_or(self.kind),
            Type::String | Type::Object | Type::Array
        );
        match self.text {
            Some(class) => class,
            // Its own fields say it.
            None if self.make.is_ours() || no_text || self.has_fields() => Class::Ours,
            None => Class::default(),
        }
    }

    /// Whether fields of its own say who wrote what.
    const fn has_fields(&self) -> bool {
        matches!(self.make, Make::Object { .. } | Make::Pick { .. })
    }

    /// The JSON type that the schema promises.
    pub fn kind(&self) -> Type {
        self.make.kind().unwrap_or(self.kind)
    }
}

impl Visit for Field {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.make.expressions(visit);
        self.asked
            .iter()
            .for_each(|asked| asked.when.expressions(visit));
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
        self.make.words(visit);
    }
}
