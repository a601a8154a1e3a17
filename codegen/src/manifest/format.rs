//! Formats of arguments: one place for schema, check and fault text.

use serde_json::{Value, json};

use super::Words;
use crate::tree::{Table, nearest};

/// A named format.
#[derive(Clone, Debug)]
pub struct Format {
    /// What it takes.
    pub kind: Kind,
    /// What would be right.
    pub expected: String,
}

/// A run of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Inclusive.
    pub ranges: Vec<(char, char)>,
    /// At least.
    pub least: usize,
    /// At most.
    pub most: usize,
}

/// What a format takes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text by runs of characters.
    Pattern {
        /// As written.
        pattern: String,
        /// As read.
        runs: Vec<Run>,
        /// Whether it becomes a path segment.
        id: bool,
        /// Words that Kestra gives to nothing of this kind.
        reserved: Vec<String>,
    },
    /// One line.
    Line(i64),
    /// Text of so many bytes.
    Text(i64),
    /// A text of so many bytes that nobody may be shown.
    Secret(i64),
    /// A whole number.
    Integer {
        /// At least.
        minimum: i64,
        /// At most.
        maximum: i64,
        /// When it is left out.
        default: Option<i64>,
    },
    /// True or false.
    Boolean {
        /// When it is left out.
        default: Option<bool>,
    },
    /// Labels.
    Labels {
        /// Not only keys that Kestra takes for new ones.
        any: bool,
    },
    /// An instant: `start`, `end` or `future`.
    Instant(String),
    /// A list of words.
    Set(Vec<String>),
    /// One word.
    Word(Vec<String>),
    /// A range of lines.
    Lines,
    /// Any object.
    Object,
    /// A YAML source, with the texts that name it where no step asks Kestra how it reads them.
    Yaml(Vec<String>),
    /// An object that is written as one.
    Document(Vec<String>),
}

const KINDS: &[&str] = &[
    "line", "text", "secret", "integer", "boolean", "labels", "instant", "set", "word", "lines",
    "object", "yaml", "document",
];

/// A greater maximum is checked, and left out of the schema.
const TELLING: i64 = 100_000;

impl Format {
    pub(crate) fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let kind = match (table.text("pattern"), table.text("kind").as_deref()) {
            (Some(pattern), _) => Kind::Pattern {
                runs: runs(&pattern).unwrap_or_else(|| {
                    table.fault(table.line(), "a pattern is runs like [a-z0-9._-]{0,99}; only the last may vary in length");
                    Vec::new()
                }),
                id: table.boolean("id").unwrap_or_default(),
                reserved: table.texts("reserved").unwrap_or_default(),
                pattern,
            },
            (None, Some("line")) => Kind::Line(table.integer("max").unwrap_or(200)),
            (None, Some("text")) => Kind::Text(table.integer("max").unwrap_or(65_536)),
            (None, Some("secret")) => Kind::Secret(table.integer("max").unwrap_or(4096)),
            (None, Some("integer")) => Kind::Integer {
                minimum: table.integer("minimum").unwrap_or(i64::MIN),
                maximum: table.integer("maximum").unwrap_or(i64::MAX),
                default: table.integer("default"),
            },
            (None, Some("boolean")) => Kind::Boolean { default: table.boolean("default") },
            (None, Some("labels")) => Kind::Labels { any: any_key(&table) },
            (None, Some("instant")) => Kind::Instant(edge(&table)),
            (None, Some("set")) => Kind::Set(known(&table, words)),
            (None, Some("word")) => Kind::Word(known(&table, words)),
            (None, Some("lines")) => Kind::Lines,
            (None, Some("object")) => Kind::Object,
            (None, Some("yaml")) => Kind::Yaml(table.texts("named_by").unwrap_or_default()),
            (None, Some("document")) => {
                Kind::Document(table.texts("named_by").unwrap_or_default())
            }
            (None, None) => {
                table.fault(table.line(), "missing `pattern` or `kind`");
                Kind::Object
            }
            (None, Some(word)) => {
                let near = nearest(word, KINDS.iter().copied());
                table.fault(table.line(), format!("no `kind` \"{word}\"{near}"));
                Kind::Object
            }
        };
        let format = Self {
            kind,
            expected: table.need_text("expected"),
        };
        table.finish();
        format
    }

    /// The JSON Schema of an argument of this format, in keywords that every provider of models
    /// takes: what no other says as plainly, such as the length of a text, is checked and left out.
    pub fn schema(&self) -> Value {
        match &self.kind {
            Kind::Pattern { pattern, .. } => {
                json!({ "type": "string", "pattern": format!("^{pattern}$") })
            }
            Kind::Line(_)
            | Kind::Text(_)
            | Kind::Secret(_)
            | Kind::Instant(_)
            | Kind::Yaml(_)
            | Kind::Lines => json!({ "type": "string" }),
            Kind::Integer {
                minimum,
                maximum,
                default,
            } => {
                let mut schema = json!({ "type": "integer", "minimum": minimum });
                // A bound that nobody reaches tells a model nothing.
                if *maximum < TELLING {
                    put(&mut schema, "maximum", (*maximum).into());
                }
                if let Some(default) = default {
                    put(&mut schema, "default", (*default).into());
                }
                schema
            }
            Kind::Boolean { default } => {
                let mut schema = json!({ "type": "boolean" });
                if let Some(default) = default {
                    put(&mut schema, "default", (*default).into());
                }
                schema
            }
            Kind::Labels { .. } => {
                json!({ "type": "object", "additionalProperties": { "type": "string" } })
            }
            Kind::Set(words) => {
                json!({ "type": "array", "items": { "type": "string", "enum": words } })
            }
            Kind::Word(words) => json!({ "type": "string", "enum": words }),
            Kind::Object | Kind::Document(_) => json!({ "type": "object" }),
        }
    }
}

fn put(schema: &mut Value, key: &str, value: Value) {
    if let Some(members) = schema.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

/// The words of `values`, or of a set that `set` names.
fn known(table: &Table<'_>, words: &Words<'_>) -> Vec<String> {
    if let Some(name) = table.text("set") {
        return words.set(table, table.line(), &name);
    }
    table.need("values");
    table.texts("values").unwrap_or_default()
}

/// Labels have keys that Kestra takes for new ones, unless the format says `keys = "any"`.
fn any_key(table: &Table<'_>) -> bool {
    let keys = table.text("keys").unwrap_or_else(|| "new".to_owned());
    if !["new", "any"].contains(&keys.as_str()) {
        table.fault(
            table.line(),
            format!("no keys \"{keys}\"; they are new or any"),
        );
    }
    keys == "any"
}

fn edge(table: &Table<'_>) -> String {
    let edge = table.need_text("edge");
    if !["start", "end", "future"].contains(&edge.as_str()) {
        table.fault(
            table.line(),
            format!("no edge \"{edge}\"; it is start, end or future"),
        );
    }
    edge
}

/// `[a-z][a-z0-9]{0,9}` as runs; none for anything richer.
fn runs(pattern: &str) -> Option<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        if runs.last().is_some_and(|run| run.least != run.most) {
            return None;
        }
        let (class, after) = rest.strip_prefix('[')?.split_once(']')?;
        rest = after;
        let (mut least, mut most) = (1, 1);
        if let Some(after) = rest.strip_prefix('{') {
            let (bounds, after) = after.split_once('}')?;
            let (low, high) = bounds.split_once(',').unwrap_or((bounds, bounds));
            (least, most) = (low.parse().ok()?, high.parse().ok()?);
            rest = after;
        }
        runs.push(Run {
            ranges: ranges(class)?,
            least,
            most,
        });
    }
    (!runs.is_empty()).then_some(runs)
}

fn ranges(class: &str) -> Option<Vec<(char, char)>> {
    let chars: Vec<char> = class.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = chars.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if matches!(first, '^' | '\\' | '[') {
            return None;
        }
        let (last, after) = match after {
            ['-', last, after @ ..] => (last, after),
            after => (first, after),
        };
        ranges.push((*first, *last));
        rest = after;
    }
    (!ranges.is_empty()).then_some(ranges)
}

#[cfg(test)]
mod tests {
    use super::{Run, runs};

    #[test]
    fn reads_runs() {
        let expected = vec![
            Run {
                ranges: vec![('a', 'z')],
                least: 1,
                most: 1,
            },
            Run {
                ranges: vec![('0', '9'), ('.', '.'), ('-', '-')],
                least: 0,
                most: 9,
            },
        ];
        assert_eq!(runs("[a-z][0-9.-]{0,9}"), Some(expected));
        for bad in ["", "a", "[a-z]+", "[^a]", "[a]{0,1}[b]", "[a"] {
            assert_eq!(runs(bad), None, "{bad}");
        }
    }
}
