//! YAML as Kestra's parser reads it: version 1.1, one document at a time, no duplicate keys.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

/// A node that still knows the text of its scalars: `off` and `010` are stored under their text
/// but shown as `false` and `8`.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// A scalar; only a plain one is read as anything but text.
    Scalar {
        /// The text, unquoted.
        text: String,
        /// Whether it stood without quotes.
        plain: bool,
    },
    /// A list.
    Seq(Vec<Node>),
    /// A mapping, in order.
    Map(Vec<(String, Node)>),
}

/// Where and why a text is no YAML.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The parser's words.
    pub(crate) message: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column, from 1.
    pub(crate) column: usize,
}

impl Node {
    /// The value of a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Self::Map(pairs) => pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// How many nodes there are in this one, itself included.
    fn size(&self) -> usize {
        match self {
            Self::Scalar { .. } => 1,
            Self::Seq(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Self::Map(pairs) => 1 + pairs.iter().map(|(_, node)| node.size()).sum::<usize>(),
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The node as JSON, scalars read by the rules of YAML 1.1.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Scalar { text, plain: true } => resolve(text),
            Self::Scalar { text, plain: false } => Value::String(text.clone()),
            Self::Seq(items) => Value::Array(items.iter().map(Node::value).collect()),
            Self::Map(pairs) => Value::Object(
                pairs
                    .iter()
                    .map(|(key, node)| (key.clone(), node.value()))
                    .collect::<Map<String, Value>>(),
            ),
        }
    }
}

/// The first document; the rest is dropped unread, as Kestra does.
pub(crate) fn first_document(source: &str) -> Result<Option<Node>, Fault> {
    let mut reader = Reader {
        parser: Parser::new_from_str(source),
        anchors: HashMap::new(),
        depth: 0,
        left: 100_000,
    };
    loop {
        let Some((event, place)) = reader.next()? else {
            return Ok(None);
        };
        match event {
            Event::StreamEnd => return Ok(None),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => return reader.node(event, place).map(Some),
        }
    }
}

/// An event and its line and column, from 1.
type Placed<'a> = (Event<'a>, (usize, usize));

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    depth: usize,
    /// How many nodes may still be made: aliases of aliases grow without end.
    left: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Placed<'a>>, Fault> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, (span.start.line(), span.start.col() + 1)))),
            Some(Err(error)) => Err(Fault {
                message: error.info().to_owned(),
                line: error.marker().line(),
                column: error.marker().col() + 1,
            }),
        }
    }

    fn must(&mut self) -> Result<Placed<'a>, Fault> {
        self.next()?.ok_or(Fault {
            message: "unexpected end".to_owned(),
            line: 1,
            column: 1,
        })
    }

    fn node(&mut self, event: Event<'a>, place: (usize, usize)) -> Result<Node, Fault> {
        let too_much = || Fault {
            message: "Document nesting or size exceeds the maximum allowed".to_owned(),
            line: place.0,
            column: place.1,
        };
        self.left = self.left.checked_sub(1).ok_or_else(too_much)?;
        if self.depth > 200 {
            return Err(too_much());
        }
        let (node, anchor) = match event {
            Event::Alias(id) => {
                let size = self.anchors.get(&id).map_or(0, Node::size);
                self.left = self.left.checked_sub(size).ok_or_else(too_much)?;
                return self.anchors.get(&id).cloned().ok_or(Fault {
                    message: "unknown alias".to_owned(),
                    line: place.0,
                    column: place.1,
                });
            }
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                (
                    Node::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                    anchor,
                )
            }
            Event::SequenceStart(anchor, _) => {
                self.depth += 1;
                let mut items = Vec::new();
                loop {
                    let (event, place) = self.must()?;
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    items.push(self.node(event, place)?);
                }
                self.depth -= 1;
                (Node::Seq(items), anchor)
            }
            Event::MappingStart(anchor, _) => {
                self.depth += 1;
                let node = self.mapping()?;
                self.depth -= 1;
                (node, anchor)
            }
            _ => {
                let message = "expected the node content".to_owned();
                return Err(Fault {
                    message,
                    line: place.0,
                    column: place.1,
                });
            }
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn mapping(&mut self) -> Result<Node, Fault> {
        let mut pairs: Vec<(String, Node)> = Vec::new();
        loop {
            let (event, place) = self.must()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Node::Map(pairs));
            }
            let key = match self.node(event, place)? {
                Node::Scalar { text, .. } => text,
                _ => "?".to_owned(),
            };
            if pairs.iter().any(|(name, _)| *name == key) {
                let message = format!("Duplicate field '{key}'");
                return Err(Fault {
                    message,
                    line: place.0,
                    column: place.1,
                });
            }
            let (event, place) = self.must()?;
            pairs.push((key, self.node(event, place)?));
        }
    }
}

fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    integer(text)
        .or_else(|| float(text))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace('_', "");
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number = if let Some(hex) = digits.strip_prefix("0x") {
        i64::from_str_radix(hex, 16)
    } else if let Some(bits) = digits.strip_prefix("0b") {
        i64::from_str_radix(bits, 2)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(&digits, 8)
    } else {
        digits.parse()
    }
    .ok()?;
    Some(Value::from(if negative { -number } else { number }))
}

fn float(text: &str) -> Option<Value> {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    if !plain || !text.contains('.') || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::first_document;

    #[test]
    fn scalars_follow_yaml_1_1_and_keep_their_text() {
        let node = first_document("id: off\nn: 010\nq: 'off'\nd: 2026-01-02\n")
            .unwrap()
            .unwrap();
        assert_eq!(node.get("id").unwrap().text(), Some("off"));
        assert_eq!(
            node.value(),
            serde_json::json!({"id": false, "n": 8, "q": "off", "d": "2026-01-02"})
        );
    }

    #[test]
    fn only_the_first_document_is_read() {
        let node = first_document("a: 1\n---\nb: [\n").unwrap().unwrap();
        assert_eq!(node.value(), serde_json::json!({"a": 1}));
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        assert!(first_document(&"[".repeat(5_000)).is_err());
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            let aliases = [alias.as_str(); 9].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
        }
        assert!(first_document(&bomb).is_err());
    }

    #[test]
    fn duplicate_keys_are_refused_with_their_place() {
        let fault = first_document("a: 1\na: 2\n").unwrap_err();
        assert_eq!(
            (fault.line, fault.message.as_str()),
            (2, "Duplicate field 'a'")
        );
    }
}
