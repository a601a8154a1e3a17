//! TOML with the place of every value, resolved for one Kestra line, and the faults that are found
//! in it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};
use toml::de::{DeTable, DeValue};

use crate::document::{is_line, number_of_line};
use crate::generate::LINES;

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

/// A fault of a file: where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// As it was named.
    pub file: String,
    /// From 1; 0 for the whole file.
    pub line: usize,
    /// From 1; 0 for the whole line.
    pub column: usize,
    /// What is wrong, what there is, what to write.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
        } = self;
        match column {
            0 => write!(f, "{file}:{line}: {message}"),
            column => write!(f, "{file}:{line}:{column}: {message}"),
        }
    }
}

/// All faults of a run, each once.
#[derive(Debug, Default)]
pub struct Faults(RefCell<BTreeSet<Fault>>);

impl Faults {
    /// Notes a fault of a line.
    pub fn add(&self, file: &str, line: usize, message: impl Into<String>) {
        self.at(file, (line, 0), message);
    }

    /// Notes a fault of a place: its line and column.
    pub fn at(&self, file: &str, (line, column): (usize, usize), message: impl Into<String>) {
        let (file, message) = (file.to_owned(), message.into());
        self.0.borrow_mut().insert(Fault {
            file,
            line,
            column,
            message,
        });
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// All of them, by file and line.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0.into_inner().into_iter().collect()
    }
}

impl Tree {
    /// The root table of `text`.
    pub fn parse(file: &str, text: &str, faults: &Faults) -> Option<Self> {
        let lines = Lines::new(text);
        match DeTable::parse(text) {
            Ok(table) => Some(Self {
                line: 1,
                column: 1,
                node: lines.table(table.get_ref()),
            }),
            Err(error) => {
                let place = error.span().map_or((1, 1), |span| lines.place(span.start));
                faults.at(file, place, error.message());
                None
            }
        }
    }

    /// The tree as it holds for `line`: per-line tables `{ "1.3" = …, "2.0" = … }` give the value
    /// of the newest key that is not after it, and what carries `lines` (from) or `before` (until)
    /// is dropped where it does not hold.
    pub fn at(&self, line: &str) -> Option<Self> {
        let node = match &self.node {
            Node::Table(entries) if is_per_line(entries) => {
                let held = |key: &str| number_of_line(key) <= number_of_line(line);
                let newest = entries
                    .iter()
                    .filter(|(key, _)| held(key))
                    .max_by_key(|(key, _)| number_of_line(key))?;
                return newest.1.at(line);
            }
            Node::Table(entries) => {
                if !holds(entries, line) {
                    return None;
                }
                let kept = entries.iter().filter(|(key, value)| !is_limit(key, value));
                Node::Table(
                    kept.filter_map(|(key, value)| Some((key.clone(), value.at(line)?)))
                        .collect(),
                )
            }
            Node::Array(items) => {
                Node::Array(items.iter().filter_map(|item| item.at(line)).collect())
            }
            scalar => scalar.clone(),
        };
        Some(Self { node, ..*self })
    }

    /// Notes every `lines` and `before` that names no line, which would hold everywhere.
    pub fn check_lines(&self, file: &str, faults: &Faults) {
        match &self.node {
            Node::Table(entries) => {
                let by_line = is_per_line(entries);
                for (key, value) in entries {
                    if by_line && !LINES.iter().any(|(line, ..)| line == key) {
                        let lines = LINES.map(|(line, ..)| line).join(", ");
                        let message = format!("no line \"{key}\"; the lines are {lines}");
                        faults.at(file, (value.line, value.column), message);
                    }
                    if is_limit(key, value) && !value.as_text().is_some_and(is_line) {
                        let message = format!("`{key}` takes a Kestra line, such as \"2.0\"");
                        faults.at(file, (value.line, value.column), message);
                    }
                    value.check_lines(file, faults);
                }
            }
            Node::Array(items) => items.iter().for_each(|item| item.check_lines(file, faults)),
            _ => {}
        }
    }

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

/// Whether an entry says where its table holds. A step may be called so too; that is a table.
fn is_limit(key: &str, value: &Tree) -> bool {
    matches!(key, "lines" | "before") && !matches!(value.node, Node::Table(_))
}

fn is_per_line(entries: &[(String, Tree)]) -> bool {
    !entries.is_empty() && entries.iter().all(|(key, _)| number_of_line(key).is_some())
}

fn holds(entries: &[(String, Tree)], line: &str) -> bool {
    let bound = |name: &str| {
        let (_, value) = entries.iter().find(|(key, _)| key == name)?;
        number_of_line(value.as_text()?)
    };
    let line = number_of_line(line);
    bound("lines").is_none_or(|from| line >= Some(from))
        && bound("before").is_none_or(|until| line < Some(until))
}

/// Offsets at which a text's lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(ends.map(|(offset, _)| offset + 1))
                .collect(),
        )
    }

    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|begin| *begin <= offset)
    }

    /// Line and column of `offset`, from 1.
    fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.of(offset);
        let begin = self.0.get(line - 1).copied().unwrap_or_default();
        (line, offset - begin + 1)
    }

    /// The tree of what begins at `offset`.
    fn tree(&self, offset: usize, node: Node) -> Tree {
        let (line, column) = self.place(offset);
        Tree { line, column, node }
    }

    fn table(&self, table: &DeTable<'_>) -> Node {
        let mut entries: Vec<(usize, String, Tree)> = table
            .iter()
            .map(|(key, value)| {
                let start = key.span().start;
                let tree = self.tree(start, self.node(value.get_ref()));
                (start, key.get_ref().to_string(), tree)
            })
            .collect();
        entries.sort_by_key(|(start, ..)| *start);
        Node::Table(
            entries
                .into_iter()
                .map(|(_, key, tree)| (key, tree))
                .collect(),
        )
    }

    fn node(&self, value: &DeValue<'_>) -> Node {
        match value {
            DeValue::String(text) => Node::Text(text.to_string()),
            DeValue::Integer(number) => {
                let text = number.as_str().replace('_', "");
                Node::Integer(i64::from_str_radix(&text, number.radix()).unwrap_or(i64::MAX))
            }
            DeValue::Float(number) => Node::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Node::Boolean(*flag),
            DeValue::Datetime(date) => Node::Text(date.to_string()),
            DeValue::Array(items) => {
                let tree = |item: &toml::Spanned<DeValue<'_>>| {
                    self.tree(item.span().start, self.node(item.get_ref()))
                };
                Node::Array(items.iter().map(tree).collect())
            }
            DeValue::Table(table) => self.table(table),
        }
    }
}

/// `; nearest is "…"` of the candidate most like `word`, or nothing.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    candidates
        .map(|candidate| {
            let likeness = strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
            (likeness, candidate)
        })
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!("; nearest is \"{candidate}\""))
        .unwrap_or_default()
}
