//! YAML as Kestra reads it: the grammar of `SnakeYAML`, scalars and aliases as Jackson takes them, and
//! one document at a time.

use serde_json::{Map, Value};

mod event;
mod fault;
mod scalar;
mod words;

pub(crate) use fault::{Fault, Place, parsing_error};

use event::{Event, Events};

/// How deep Jackson reads.
const DEPTH: usize = 1000;

/// A node that still knows its place and the text of its scalars: `off` and `010` are stored under
/// their text but shown as `false` and `8`.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it begins.
    pub(crate) place: Place,
    pub(crate) content: Content,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
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

/// What becomes of a key that stands twice in a mapping.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Duplicates {
    /// The source is refused.
    Refused,
    /// The last one counts.
    LastCounts,
}

impl Node {
    /// The value of a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.pairs()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    /// The pairs of a mapping; none for anything else.
    pub(crate) fn pairs(&self) -> &[(String, Node)] {
        match &self.content {
            Content::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.content {
            Content::Seq(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that is not null.
    pub(crate) fn word(&self) -> Option<&str> {
        self.text().filter(|_| !self.is_null())
    }

    /// Whether nothing is said here.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if scalar::is_null(text))
    }

    /// The node as JSON, plain scalars read.
    pub(crate) fn value(&self) -> Value {
        match &self.content {
            Content::Scalar { text, plain: true } => scalar::read(text),
            Content::Scalar { text, plain: false } => Value::String(text.clone()),
            Content::Seq(items) => Value::Array(items.iter().map(Node::value).collect()),
            Content::Map(pairs) => Value::Object(
                pairs
                    .iter()
                    .map(|(key, node)| (key.clone(), node.value()))
                    .collect::<Map<String, Value>>(),
            ),
        }
    }

    /// A scalar as text once it has been read: `007` is `7` then. None for null and for what is no
    /// scalar.
    pub(crate) fn read_text(&self) -> Option<String> {
        match self.content {
            Content::Scalar { .. } => as_text(&self.value()),
            _ => None,
        }
    }
}

/// A value as the text that Jackson makes of it.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(scalar::java(number)),
        other => Some(other.to_string()),
    }
}

/// The first document; the rest is dropped unread, as Kestra does. None for a source without any.
pub(crate) fn first_document(source: &str, duplicates: Duplicates) -> Result<Option<Node>, Fault> {
    let mut events = Events::new(source);
    let mut builder = Builder {
        duplicates,
        open: Vec::new(),
    };
    loop {
        let read = events.next();
        match read.map_err(|fault| fault.within(builder.chain()))? {
            None => return Ok(None),
            Some((event, start, end)) => {
                if let Some(node) = builder.take(event, start, end)? {
                    return Ok(Some(node));
                }
            }
        }
    }
}

/// Puts nodes together, without recursion: sources may be deep.
struct Builder {
    duplicates: Duplicates,
    open: Vec<Open>,
}

/// A collection that has not ended.
struct Open {
    place: Place,
    content: Content,
    /// The key whose value comes next, in a mapping.
    key: Option<String>,
}

impl Builder {
    fn take(&mut self, event: Event, start: Place, end: Place) -> Result<Option<Node>, Fault> {
        let keyed = self
            .open
            .last()
            .is_some_and(|open| matches!(open.content, Content::Map(_)) && open.key.is_none());
        let content = match event {
            Event::End => {
                let Some(open) = self.open.pop() else {
                    return Ok(None);
                };
                let (place, content) = (open.place, open.content);
                return Ok(self.put(Node { place, content }));
            }
            Event::Scalar { text, .. } if keyed => {
                self.key(text, end)?;
                return Ok(None);
            }
            _ if keyed => return Err(Fault::structure(end).within(self.chain())),
            Event::Scalar { text, plain } => Content::Scalar { text, plain },
            Event::Alias(text) => Content::Scalar { text, plain: false },
            Event::List => return self.begin(Content::Seq(Vec::new()), start),
            Event::Mapping => return self.begin(Content::Map(Vec::new()), start),
        };
        let place = start;
        Ok(self.put(Node { place, content }))
    }

    fn begin(&mut self, content: Content, place: Place) -> Result<Option<Node>, Fault> {
        if self.open.len() >= DEPTH {
            return Err(Fault::new(
                format!(
                    "Document nesting depth ({}) exceeds the maximum allowed ({DEPTH}, from \
                     `StreamReadConstraints.getMaxNestingDepth()`)",
                    DEPTH + 1
                ),
                place,
            ));
        }
        self.open.push(Open {
            place,
            content,
            key: None,
        });
        Ok(None)
    }

    fn key(&mut self, name: String, end: Place) -> Result<(), Fault> {
        let (refused, chain) = (self.duplicates == Duplicates::Refused, self.chain());
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let Content::Map(pairs) = &open.content else {
            return Ok(());
        };
        if refused && pairs.iter().any(|(key, _)| *key == name) {
            let fault = Fault::new(format!("Duplicate field '{name}'"), end);
            return Err(fault.within(chain));
        }
        open.key = Some(name);
        Ok(())
    }

    /// A whole node: the document, or part of the collection that is open.
    fn put(&mut self, node: Node) -> Option<Node> {
        let Some(open) = self.open.last_mut() else {
            return Some(node);
        };
        match &mut open.content {
            Content::Map(pairs) => {
                let key = open.key.take().unwrap_or_default();
                match pairs.iter_mut().find(|(name, _)| *name == key) {
                    Some((_, old)) => *old = node,
                    None => pairs.push((key, node)),
                }
            }
            Content::Seq(items) => items.push(node),
            Content::Scalar { .. } => {}
        }
        None
    }

    /// The collections that are open below the document, outermost first.
    fn chain(&self) -> Vec<Step> {
        let outer = self.open.len().saturating_sub(1);
        self.open
            .iter()
            .take(outer)
            .map(|open| match &open.content {
                Content::Map(_) => Step::Key(open.key.clone().unwrap_or_default()),
                Content::Seq(items) => Step::Item(items.len()),
                Content::Scalar { .. } => Step::Item(0),
            })
            .collect()
    }
}

/// A step from a collection to what it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(source: &str) -> Node {
        first_document(source, Duplicates::Refused)
            .unwrap()
            .unwrap()
    }

    fn refused(source: &str) -> Fault {
        first_document(source, Duplicates::Refused).unwrap_err()
    }

    #[test]
    fn scalars_keep_their_text_and_have_a_value() {
        let node = read("id: off\nn: 010\nq: 'off'\nd: 2026-01-02\ny: y\n");
        assert_eq!(node.get("id").unwrap().text(), Some("off"));
        assert_eq!(
            node.get("id").unwrap().read_text().as_deref(),
            Some("false")
        );
        assert_eq!(
            node.value(),
            json!({"id": false, "n": 8, "q": "off", "d": "2026-01-02", "y": "y"})
        );
    }

    #[test]
    fn an_alias_is_the_name_of_its_anchor_and_nothing_is_merged() {
        let node = read("a: &v {x: 1}\nb: *v\nc: {<<: *v}\n");
        assert_eq!(
            node.value(),
            json!({"a": {"x": 1}, "b": "v", "c": {"<<": "v"}})
        );
    }

    #[test]
    fn only_the_first_document_is_read() {
        let node = read("a: 1\n---\nb: [\n");
        assert_eq!(node.value(), json!({"a": 1}));
        assert!(
            first_document("# nothing\n", Duplicates::Refused)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        let fault = refused(&"[".repeat(5_000));
        assert!(fault.message.contains("nesting depth (1001)"), "{fault:?}");
    }

    #[test]
    fn duplicate_keys_are_refused_with_their_place_or_the_last_counts() {
        let source = "a: 1\nb: {c: 1, c: 2}\n";
        let fault = refused(source);
        assert_eq!(fault.message, "Duplicate field 'c'");
        assert_eq!((fault.place.line, fault.place.column), (2, 12));
        assert_eq!(fault.chain, [Step::Key("b".to_owned())]);
        let node = first_document(source, Duplicates::LastCounts)
            .unwrap()
            .unwrap();
        assert_eq!(node.value(), json!({"a": 1, "b": {"c": 2}}));
    }

    #[test]
    fn a_key_that_is_no_scalar_is_refused() {
        assert!(
            refused("? [a]\n: b\n")
                .message
                .contains("Invalid structure")
        );
    }
}
