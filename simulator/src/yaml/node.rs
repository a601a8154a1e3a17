//! The nodes of a document.

use serde_json::{Map, Value};

use super::{location::Location, scalar};

/// A node with its location and the text of its scalars: `off` and `010` are stored by their text,
/// but shown as `false` and `8`.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it starts.
    pub(crate) location: Location,
    pub(crate) content: Content,
}

/// The content of a node.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// A scalar; only plain ones resolve to anything but strings.
    Scalar {
        /// The text, unquoted.
        text: String,
        /// Whether it is not quoted.
        plain: bool,
    },
    /// A list.
    Seq(Vec<Node>),
    /// A mapping, in order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key, if this is a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    /// The entries of a mapping; empty for anything else.
    pub(crate) fn entries(&self) -> &[(String, Node)] {
        match &self.content {
            Content::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
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
    pub(crate) fn non_null_text(&self) -> Option<&str> {
        self.text().filter(|_| !self.is_null())
    }

    /// Whether this is null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if scalar::is_null(text))
    }

    /// The node as JSON, with plain scalars resolved.
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

    /// A resolved scalar as text: `007` becomes `7`. `None` for null and for anything but a scalar.
    pub(crate) fn resolved_text(&self) -> Option<String> {
        match self.content {
            Content::Scalar { .. } => as_text(&self.value()),
            _ => None,
        }
    }
}

/// A scalar as the string that Jackson converts it to.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(scalar::java(number)),
        other => Some(other.to_string()),
    }
}
