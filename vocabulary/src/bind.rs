//! What a request is made of: parameters, bodies, filters.

use std::fmt;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::visit::Visit;
use crate::{Expr, Make, Many, Words};

/// What a parameter or a body is made of.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a line has a hundred of them")]
pub enum Bind {
    /// A value as it is; of a body, its text, or its JSON where the operation takes JSON.
    Plain(Make),
    /// An object as a list of `key:value`.
    KeyValue(Make),
    /// A body of JSON with references in it.
    Json(Template),
    /// A body of JSON: labels of all these places as a list of `{key, value}`, each key once; what
    /// comes later wins.
    Labels(Vec<Expr>),
    /// A form of the inputs at `value`, by those that are declared.
    Multipart {
        /// An object: input id to value.
        value: Make,
        /// The declarations.
        declared: Make,
    },
    /// A form with one file.
    File {
        /// Its text.
        text: Expr,
        /// Its bytes as Base64, where there is no text.
        base64: Option<Expr>,
        /// The name of the part.
        part: String,
    },
    /// The first that is there: text as it is, an object written as YAML.
    Yaml(Vec<Expr>),
}

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

/// How a value becomes what Kestra takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Encode {
    /// An object as a list of `key:value`.
    KeyValue,
    /// Labels as a list of `{key, value}`.
    Labels,
    /// Inputs of a flow as a form.
    Multipart,
    /// A file as a form.
    File,
    /// Text as it is, an object written as YAML.
    Yaml,
}

/// A bound value as it is written, where it is more than a reference.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
struct Table {
    /// The value: a reference, the first of several that is there, or what a `make` makes.
    value: Option<Make>,
    /// How it is written; as it is where this is left out.
    encode: Option<Encode>,
    /// `multipart`: where the inputs are declared.
    declared: Option<Make>,
    /// `file`: bytes as Base64, where there is no `value`.
    base64: Option<Expr>,
    /// `file`: the name of the part.
    part: Option<String>,
    /// A body of JSON with references in it.
    json: Option<Template>,
}

impl TryFrom<Table> for Bind {
    type Error = &'static str;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        let Table {
            value,
            encode,
            declared,
            base64,
            part,
            json,
        } = table;
        if declared.is_some() && encode != Some(Encode::Multipart) {
            return Err("`declared` goes with encode = \"multipart\"");
        }
        if (base64.is_some() || part.is_some()) && encode != Some(Encode::File) {
            return Err("`base64` and `part` go with encode = \"file\"");
        }
        let value = match (value, json) {
            (Some(value), None) => value,
            (None, Some(json)) if encode.is_none() => return Ok(Self::Json(json)),
            (None, None) => return Err("missing `value` or `json`: one of them"),
            _ => return Err("`json` stands alone, without `value` and `encode`"),
        };
        let places = |value: Make| match value {
            Make::Plain { at } => Ok(at.0),
            _ => Err("this encoder takes references"),
        };
        Ok(match encode {
            None => Self::Plain(value),
            Some(Encode::KeyValue) => Self::KeyValue(value),
            Some(Encode::Labels) => Self::Labels(places(value)?),
            Some(Encode::Yaml) => Self::Yaml(places(value)?),
            Some(Encode::Multipart) => Self::Multipart {
                value,
                declared: declared.ok_or("encode = \"multipart\" needs `declared`")?,
            },
            Some(Encode::File) => Self::File {
                text: places(value)?.into_iter().next().unwrap_or_default(),
                base64,
                part: part.ok_or("encode = \"file\" needs `part`")?,
            },
        })
    }
}

impl<'de> Deserialize<'de> for Bind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = Bind;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reference, or a table with `value`")
            }

            crate::scalars!(|value: Value| Bind::Plain(Make::of(value)));

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Bind, A::Error> {
                // A list here is itself the value; several places are written `value = [...]`.
                let items = serde::de::value::SeqAccessDeserializer::new(items);
                let list = Vec::<Value>::deserialize(items)?;
                Ok(Bind::Plain(Make::of(Value::Array(list))))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Bind, A::Error> {
                let table = serde::de::value::MapAccessDeserializer::new(map);
                Table::deserialize(table)?
                    .try_into()
                    .map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_any(Written)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Bind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bind".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = Table::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "not": { "type": "object" } }, table] })
    }
}

impl Visit for Bind {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Plain(value) | Self::KeyValue(value) => value.expressions(visit),
            Self::Json(template) => template.expressions(visit),
            Self::Labels(places) | Self::Yaml(places) => places.iter().for_each(visit),
            Self::Multipart { value, declared } => {
                value.expressions(visit);
                declared.expressions(visit);
            }
            Self::File { text, base64, .. } => {
                visit(text);
                base64.iter().for_each(visit);
            }
        }
    }
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
    /// Part of the text, whatever the case.
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
    /// The value; where there is none at all, the filter is left out.
    pub value: Expr,
    /// The value where there is none.
    pub or: Option<Value>,
    /// The value is an object, a filter for each of its members.
    pub keyed: bool,
    /// Where a row says what is filtered by: the filter is applied again to what came back.
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
    /// The value where there is none.
    or: Option<Value>,
    /// The value is an object, a filter for each of its members.
    #[serde(default)]
    keyed: bool,
    /// Where a row says what is filtered by: the filter is applied again to what came back.
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

/// What every row must meet.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Where it stands in a row; one place of several is enough.
    #[serde(deserialize_with = "crate::pointer::several")]
    pub at: Many<String>,
    /// The operation.
    pub op: Op,
    /// The argument; where it is absent, every row passes.
    pub arg: String,
}

/// A reason to refuse a call before anything changes.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// It is refused when this holds.
    pub when: crate::When,
    /// For the model.
    pub message: crate::Text,
}

impl Visit for Refusal {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.message.expressions(visit);
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
    }
}
