//! Formats of arguments: one place for the schema, the check and the fault's message.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Pattern, Sets, Words};

/// A named format of arguments.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Table")]
pub struct Format {
    /// What it takes.
    pub kind: Kind,
    /// What would be valid, for the fault's message; the words to choose from follow it.
    pub expected: String,
    /// Words that Kestra gives to nothing of this kind.
    pub reserved: Vec<String>,
}

/// What an argument takes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text of these runs in a row; only the last varies in length.
    Pattern {
        /// The pattern.
        pattern: Pattern,
        /// Whether it becomes a path segment: then it has no `..` and no final dot.
        id: bool,
    },
    /// One line of text without control characters, of at most this many characters.
    Line(usize),
    /// Text of at most this many bytes.
    Text(usize),
    /// Visible characters without a space, of at most this many bytes, that are never shown.
    Secret(usize),
    /// Base64 of at most this many bytes.
    Base64(usize),
    /// A whole number.
    Integer {
        /// At least.
        minimum: i64,
        /// At most.
        maximum: i64,
        /// The value if it is omitted.
        default: Option<i64>,
    },
    /// True or false.
    Boolean {
        /// The value if it is omitted.
        default: Option<bool>,
    },
    /// Label key to text.
    Labels(Keys),
    /// An instant, by the edge that a date alone stands for.
    Instant(Edge),
    /// A list of these words, each once.
    Set(Words),
    /// One of these words.
    Word(Words),
    /// A range of lines, such as `120-180`.
    Lines,
    /// Any object.
    Object,
    /// Any JSON value.
    Json,
    /// A YAML source; with the texts that name it, where no step asks Kestra how it reads them.
    Yaml(Vec<String>),
    /// An object that is written as such a source.
    Document(Vec<String>),
}

/// Which keys labels may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// Those that Kestra takes for new ones, without its own and this server's.
    #[default]
    New,
    /// Any that something may carry.
    Any,
}

/// Which instant a date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// Its midnight; `-PT24H` counts back from now.
    Start,
    /// Its last millisecond.
    End,
    /// An instant after now, with its offset: no date alone.
    Future,
}

/// The word for what a format takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "FormatKind"))]
#[serde(rename_all = "snake_case")]
enum Word {
    /// One line of text.
    Line,
    /// Text.
    Text,
    /// A text that is never shown.
    Secret,
    /// Base64.
    Base64,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// Labels.
    Labels,
    /// An instant.
    Instant,
    /// A list of words.
    Set,
    /// One word.
    #[serde(rename = "word")]
    One,
    /// A range of lines.
    Lines,
    /// Any object.
    Object,
    /// Any JSON value.
    Json,
    /// A YAML source.
    Yaml,
    /// An object that is written as a YAML source.
    Document,
}

/// A format as it is written.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
struct Table {
    /// What it takes, if that is not a `pattern`.
    kind: Option<Word>,
    /// Text by runs of characters such as `[a-z0-9._-]{0,99}`; only the last may vary in length.
    pattern: Option<String>,
    /// `pattern`: it becomes a path segment, so it has no `..` and no final dot.
    id: bool,
    /// `pattern`: words that Kestra gives to nothing of this kind.
    reserved: Vec<String>,
    /// What would be valid, for the fault's message. Needed.
    expected: Option<String>,
    /// `line`: at most so many characters; `text`, `secret`, `base64`: at most so many bytes.
    max: Option<usize>,
    /// `integer`: at least.
    minimum: Option<i64>,
    /// `integer`: at most.
    maximum: Option<i64>,
    /// `integer`, `boolean`: the value if it is omitted.
    default: Option<Value>,
    /// `labels`: which keys they may have.
    keys: Option<Keys>,
    /// `instant`: which instant a date means.
    edge: Option<Edge>,
    /// `set`, `word`: the words.
    values: Option<Vec<String>>,
    /// `set`, `word`: the words, by the name of a set in `[states]`.
    set: Option<String>,
    /// `yaml`, `document`: keys whose texts name it, where no step asks Kestra how it reads them.
    named_by: Vec<String>,
}

impl TryFrom<Table> for Format {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let Table {
            kind,
            pattern,
            id,
            reserved,
            expected,
            max,
            minimum,
            maximum,
            default,
            keys,
            edge,
            values,
            set,
            named_by,
        } = table;
        let most = |default: usize| max.unwrap_or(default);
        let words = || match (values.clone(), set.clone()) {
            (Some(list), None) => Ok(Words { set: None, list }),
            (None, Some(name)) => Ok(Words {
                set: Some(name),
                list: Vec::new(),
            }),
            _ => Err("missing `values`".to_owned()),
        };
        let kind = match (pattern, kind) {
            (Some(pattern), None) => Kind::Pattern {
                pattern: Pattern::read(pattern)?,
                id,
            },
            (None, Some(Word::Line)) => Kind::Line(most(200)),
            (None, Some(Word::Text)) => Kind::Text(most(65_536)),
            (None, Some(Word::Secret)) => Kind::Secret(most(4096)),
            (None, Some(Word::Base64)) => Kind::Base64(most(1 << 20)),
            (None, Some(Word::Integer)) => Kind::Integer {
                minimum: minimum.unwrap_or(i64::MIN),
                maximum: maximum.unwrap_or(i64::MAX),
                default: default
                    .map(|value| value.as_i64().ok_or("`default` takes an integer"))
                    .transpose()?,
            },
            (None, Some(Word::Boolean)) => Kind::Boolean {
                default: default
                    .map(|value| value.as_bool().ok_or("`default` takes true or false"))
                    .transpose()?,
            },
            (None, Some(Word::Labels)) => Kind::Labels(keys.unwrap_or_default()),
            (None, Some(Word::Instant)) => Kind::Instant(edge.ok_or("missing `edge`")?),
            (None, Some(Word::Set)) => Kind::Set(words()?),
            (None, Some(Word::One)) => Kind::Word(words()?),
            (None, Some(Word::Lines)) => Kind::Lines,
            (None, Some(Word::Object)) => Kind::Object,
            (None, Some(Word::Json)) => Kind::Json,
            (None, Some(Word::Yaml)) => Kind::Yaml(named_by),
            (None, Some(Word::Document)) => Kind::Document(named_by),
            _ => return Err("missing `pattern` or `kind`: write one of them".to_owned()),
        };
        let expected = expected.ok_or("missing `expected`")?;
        Ok(Self {
            kind,
            expected,
            reserved,
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Format {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Table::json_schema(generator)
    }
}

/// A greater maximum is checked but left out of the schema: it would not help a model.
const TELLING: i64 = 100_000;

impl Format {
    /// The list of words that may be the name of a set.
    pub fn words(&self) -> Option<&Words> {
        match &self.kind {
            Kind::Set(words) | Kind::Word(words) => Some(words),
            _ => None,
        }
    }

    /// Looks up the name of a set.
    pub fn resolve(&mut self, sets: &Sets) {
        if let Kind::Set(words) | Kind::Word(words) = &mut self.kind {
            words.resolve(sets);
        }
    }

    /// The JSON Schema of an argument of this format, in keywords that every provider of models
    /// takes: what no other says as plainly, such as the length of a text, is checked and left out.
    pub fn schema(&self) -> Value {
        let of = |kind: &str| json!({ "type": kind });
        let with = |kind: &str, more: &[(&str, Option<Value>)]| {
            let more = more
                .iter()
                .filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
            let schema: Map<String, Value> = std::iter::once(("type".to_owned(), kind.into()))
                .chain(more)
                .collect();
            Value::Object(schema)
        };
        match &self.kind {
            Kind::Pattern { pattern, .. } => with(
                "string",
                &[("pattern", Some(format!("^{}$", pattern.text).into()))],
            ),
            Kind::Line(_)
            | Kind::Text(_)
            | Kind::Secret(_)
            | Kind::Base64(_)
            | Kind::Instant(_)
            | Kind::Yaml(_)
            | Kind::Lines => of("string"),
            Kind::Integer {
                minimum,
                maximum,
                default,
            } => with(
                "integer",
                &[
                    ("minimum", Some((*minimum).into())),
                    ("maximum", (*maximum < TELLING).then(|| (*maximum).into())),
                    ("default", default.map(Value::from)),
                ],
            ),
            Kind::Boolean { default } => with("boolean", &[("default", default.map(Value::from))]),
            Kind::Labels(_) => {
                json!({ "type": "object", "additionalProperties": { "type": "string" } })
            }
            Kind::Set(words) => {
                json!({ "type": "array", "items": { "type": "string", "enum": words.list } })
            }
            Kind::Word(words) => json!({ "type": "string", "enum": words.list }),
            Kind::Object | Kind::Document(_) => of("object"),
            Kind::Json => json!({}),
        }
    }
}
