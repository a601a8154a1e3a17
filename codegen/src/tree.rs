//! TOML with the line of every value, resolved for one Kestra line, and read with all faults in
//! one report.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use toml::de::{DeTable, DeValue};

use crate::document::{is_line, number_of_line};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Its line in the file, from 1.
    pub line: usize,
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
    /// What is wrong, what there is, what to write.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// All faults of a run, each once.
#[derive(Debug, Default)]
pub struct Faults(RefCell<BTreeSet<Fault>>);

impl Faults {
    /// Notes a fault.
    pub fn add(&self, file: &str, line: usize, message: impl Into<String>) {
        let fault = Fault {
            file: file.to_owned(),
            line,
            message: message.into(),
        };
        self.0.borrow_mut().insert(fault);
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
                node: lines.table(table.get_ref()),
            }),
            Err(error) => {
                let line = error.span().map_or(1, |span| lines.of(span.start));
                faults.add(file, line, error.message().to_owned());
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
        Some(Self {
            line: self.line,
            node,
        })
    }

    /// Notes every `lines` and `before` that names no line, which would hold everywhere.
    pub fn check_lines(&self, file: &str, faults: &Faults) {
        match &self.node {
            Node::Table(entries) => {
                for (key, value) in entries {
                    if is_limit(key, value) && !value.as_text().is_some_and(is_line) {
                        let message = format!("`{key}` takes a Kestra line, such as \"2.0\"");
                        faults.add(file, value.line, message);
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

    /// The value as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.node {
            Node::Text(text) => text.as_str().into(),
            Node::Integer(number) => (*number).into(),
            Node::Float(number) => (*number).into(),
            Node::Boolean(flag) => (*flag).into(),
            Node::Array(items) => items.iter().map(Self::to_json).collect(),
            Node::Table(entries) => entries
                .iter()
                .map(|(key, value)| (key.clone(), value.to_json()))
                .collect(),
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

/// Offsets of a text's lines.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(ends.map(|(offset, _)| offset).collect())
    }

    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }

    fn table(&self, table: &DeTable<'_>) -> Node {
        let mut entries: Vec<(usize, String, Tree)> = table
            .iter()
            .map(|(key, value)| {
                let start = key.span().start;
                let tree = Tree {
                    line: self.of(start),
                    node: self.node(value.get_ref()),
                };
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
                let tree = |item: &toml::Spanned<DeValue<'_>>| Tree {
                    line: self.of(item.span().start),
                    node: self.node(item.get_ref()),
                };
                Node::Array(items.iter().map(tree).collect())
            }
            DeValue::Table(table) => self.table(table),
        }
    }
}

/// Reads a table key by key; what nobody asked for is a fault.
pub struct Table<'a> {
    file: &'a str,
    faults: &'a Faults,
    owner: String,
    line: usize,
    entries: &'a [(String, Tree)],
    asked: RefCell<Vec<String>>,
}

impl<'a> Table<'a> {
    /// `tree` as a table; anything else is a fault. `owner` begins its messages.
    pub fn new(
        file: &'a str,
        faults: &'a Faults,
        owner: impl Into<String>,
        tree: &'a Tree,
    ) -> Self {
        let owner = owner.into();
        let entries = if let Node::Table(entries) = &tree.node {
            entries.as_slice()
        } else {
            faults.add(file, tree.line, format!("{owner}: expected a table"));
            &[]
        };
        Self {
            file,
            faults,
            owner,
            line: tree.line,
            entries,
            asked: RefCell::default(),
        }
    }

    /// Where the table begins.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Notes a fault at `line`.
    pub fn fault(&self, line: usize, message: impl fmt::Display) {
        let owner = &self.owner;
        let colon = if owner.is_empty() { "" } else { ": " };
        self.faults
            .add(self.file, line, format!("{owner}{colon}{message}"));
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&'a Tree> {
        self.asked.borrow_mut().push(key.to_owned());
        self.entries
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    /// Its keys, in the order of the file.
    pub fn keys(&self) -> Vec<String> {
        self.entries.iter().map(|(key, _)| key.clone()).collect()
    }

    /// The value of `key`, or a fault.
    pub fn need(&self, key: &str) -> Option<&'a Tree> {
        let found = self.get(key);
        if found.is_none() {
            self.fault(self.line, format!("missing `{key}`"));
        }
        found
    }

    /// The text of `key`.
    pub fn text(&self, key: &str) -> Option<String> {
        self.of(key, "text", |tree| tree.as_text().map(str::to_owned))
    }

    /// The text of `key`, or a fault.
    pub fn need_text(&self, key: &str) -> String {
        self.need(key);
        self.text(key).unwrap_or_default()
    }

    /// The JSON pointer of `key`, or a fault; an empty one means the whole.
    pub fn need_pointer(&self, key: &str) -> String {
        let text = self.need_text(key);
        let pointer = text.is_empty() || text.starts_with('/');
        if let (false, Some(tree)) = (pointer, self.get(key)) {
            let message = format!("`{key}` takes a pointer such as \"/id\", not \"{text}\"");
            self.fault(tree.line, message);
        }
        text
    }

    /// The integer of `key`.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.of(key, "an integer", |tree| {
            if let Node::Integer(n) = tree.node {
                Some(n)
            } else {
                None
            }
        })
    }

    /// The boolean of `key`.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        self.of(key, "true or false", |tree| {
            if let Node::Boolean(b) = tree.node {
                Some(b)
            } else {
                None
            }
        })
    }

    /// The list of texts of `key`.
    pub fn texts(&self, key: &str) -> Option<Vec<String>> {
        self.of(key, "a list of text", |tree| match &tree.node {
            Node::Array(items) => items
                .iter()
                .map(|item| item.as_text().map(str::to_owned))
                .collect(),
            _ => None,
        })
    }

    /// The items of `key`: an array's, or the single value.
    pub fn items(&self, key: &str) -> &'a [Tree] {
        match self.get(key) {
            Some(Tree {
                node: Node::Array(items),
                ..
            }) => items,
            Some(one) => std::slice::from_ref(one),
            None => &[],
        }
    }

    /// The entries of the table at `key`, in the order of the file.
    pub fn entries(&self, key: &str) -> &'a [(String, Tree)] {
        match self.get(key) {
            Some(Tree {
                node: Node::Table(entries),
                ..
            }) => entries,
            Some(other) => {
                self.fault(other.line, format!("`{key}` takes a table"));
                &[]
            }
            None => &[],
        }
    }

    /// The table at `key`.
    pub fn table(&self, key: &str) -> Option<Table<'a>> {
        let tree = self.get(key)?;
        Some(Table::new(self.file, self.faults, self.owner.clone(), tree))
    }

    /// Another table under the same owner.
    #[must_use]
    pub fn of_tree(&self, tree: &'a Tree) -> Table<'a> {
        Table::new(self.file, self.faults, self.owner.clone(), tree)
    }

    fn of<T>(&self, key: &str, what: &str, read: impl Fn(&Tree) -> Option<T>) -> Option<T> {
        let tree = self.get(key)?;
        let value = read(tree);
        if value.is_none() {
            self.fault(tree.line, format!("`{key}` takes {what}"));
        }
        value
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (key, value) in self.entries {
            if !asked.contains(key) {
                let known = asked.iter().map(String::as_str);
                let near = nearest(key, known.chain(["lines", "before"]));
                self.fault(value.line, format!("unknown key `{key}`{near}"));
            }
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
