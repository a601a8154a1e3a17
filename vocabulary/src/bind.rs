//! What a request is made of: parameters and bodies.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::visit::Visit;
use crate::{Expr, Make, Template};

/// The value of a parameter or a body.
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
    /// A form of the inputs at `value`, checked against those that are declared.
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
    /// The first that is present: text as it is, an object written as YAML.
    Yaml(Vec<Expr>),
}

/// How a value is encoded for Kestra.
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
    /// The value: a reference, the first of several that is present, or the result of a `make`.
    value: Option<Make>,
    /// How it is encoded; unchanged if omitted.
    encode: Option<Encode>,
    /// `multipart`: the declarations of the inputs.
    declared: Option<Make>,
    /// `file`: bytes as Base64, if there is no `value`.
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
            (None, None) => return Err("missing `value` or `json`: write one of them"),
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
