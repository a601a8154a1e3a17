//! TOML with the place of every value.

mod line;
mod parse;

use serde::{Serialize, Serializer};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Its line in the file, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// The value.
    pub node: Node,
}

/// A TOML value; dates count as text.
#[derive(Clone, Debug)]
pub enum Node {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A boolean.
    Boolean(bool),
    /// An array.
    Array(Vec<Tree>),
    /// A table, in the order of the file.
    Table(Vec<(String, Tree)>),
}

impl Tree {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Node::Text(text) = &self.node {
            Some(text)
        } else {
            None
        }
    }

    /// Whether it says the same as `other`, wherever that stands.
    pub fn says(&self, other: &Self) -> bool {
        let json = |tree: &Self| serde_json::to_value(tree).ok();
        json(self) == json(other)
    }

    /// The entries of a table, in the order of the file; none of anything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match &self.node {
            Node::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The value of `key` in a table.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries().iter();
        entries
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    /// The items of an array, or the single value.
    pub fn items(&self) -> &[Self] {
        match &self.node {
            Node::Array(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}

/// As JSON in the order of the file: people and clients see that order.
impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.node {
            Node::Text(text) => serializer.serialize_str(text),
            Node::Integer(number) => serializer.serialize_i64(*number),
            Node::Float(number) => serializer.serialize_f64(*number),
            Node::Boolean(flag) => serializer.serialize_bool(*flag),
            Node::Array(items) => serializer.collect_seq(items),
            Node::Table(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
            }
        }
    }
}
