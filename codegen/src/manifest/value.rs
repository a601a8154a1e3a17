//! References, conditions, bound parameters and filters.

use serde_json::Value;

use super::Words;
use crate::tree::{Node, Table, Tree, nearest};

/// Where a value stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `$name`
    Argument(String),
    /// `@step/pointer`
    Step(String, String),
    /// `#/pointer`
    Document(String),
    /// `/pointer`
    Row(String),
    /// Anything else.
    Constant(Value),
}

impl Expr {
    /// Reads `tree`.
    pub fn read(tree: &Tree) -> Self {
        match tree.as_text() {
            Some(text) => Self::parse(text),
            None => Self::Constant(tree.to_json()),
        }
    }

    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        if let Some(name) = text.strip_prefix('$') {
            return Self::Argument(name.to_owned());
        }
        if let Some(rest) = text.strip_prefix('@') {
            let (step, pointer) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            return Self::Step(step.to_owned(), pointer.to_owned());
        }
        if let Some(pointer) = text.strip_prefix('#').filter(|rest| rest.starts_with('/')) {
            return Self::Document(pointer.to_owned());
        }
        if text.starts_with('/') {
            return Self::Row(text.to_owned());
        }
        Self::Constant(text.into())
    }
}

/// A condition.
#[derive(Clone, Debug, Default)]
pub enum When {
    /// Holds.
    #[default]
    Always,
    /// Every one.
    All(Vec<When>),
    /// At least one.
    Any(Vec<When>),
    /// Not one.
    None(Vec<When>),
    /// The value is this.
    Equals(Expr, Value),
    /// The value is one of these.
    In(Expr, Vec<String>),
    /// The value is a list with this in it.
    Contains(Expr, String),
    /// There is no value.
    Absent(Expr),
    /// There is a value.
    Present(Expr),
}

impl When {
    /// The condition at `key`.
    pub(crate) fn read(table: &Table<'_>, key: &str, words: &Words<'_>) -> Self {
        table.get(key).map_or(Self::Always, |tree| {
            Self::read_whole(table.of_tree(tree), words)
        })
    }

    fn read_whole(table: Table<'_>, words: &Words<'_>) -> Self {
        let when = Self::of(&table, words);
        table.finish();
        when
    }

    fn of(table: &Table<'_>, words: &Words<'_>) -> Self {
        let list = |key: &str| -> Option<Vec<Self>> {
            table.get(key)?;
            Some(
                table
                    .items(key)
                    .iter()
                    .map(|tree| Self::read_whole(table.of_tree(tree), words))
                    .collect(),
            )
        };
        if let Some(all) = list("all") {
            return Self::All(all);
        }
        if let Some(any) = list("any") {
            return Self::Any(any);
        }
        if let Some(none) = list("none") {
            return Self::None(none);
        }
        if let Some(absent) = table.get("absent") {
            return Self::Absent(Expr::read(absent));
        }
        if let Some(present) = table.get("present") {
            return Self::Present(Expr::read(present));
        }
        let place = match (table.get("at"), table.text("arg")) {
            (Some(at), None) => Expr::read(at),
            (None, Some(argument)) => Expr::Argument(argument),
            _ => {
                table.fault(table.line(), "a condition is one of all, any, none, absent, present, or `at` or `arg` with equals, in, contains");
                // One fault is enough.
                for key in ["equals", "in", "contains"] {
                    table.get(key);
                }
                return Self::Always;
            }
        };
        if let Some(value) = table.get("equals") {
            return Self::Equals(place, value.to_json());
        }
        if let Some(set) = table.text("in") {
            return Self::In(place, words.set(table, table.line(), &set));
        }
        if let Some(word) = table.text("contains") {
            return Self::Contains(place, word);
        }
        table.fault(
            table.line(),
            "a condition on a value has equals, in or contains",
        );
        Self::Always
    }

    /// Calls `visit` with every expression.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Always => {}
            Self::All(list) | Self::Any(list) | Self::None(list) => {
                for when in list {
                    when.expressions(visit);
                }
            }
            Self::Equals(expr, _)
            | Self::In(expr, _)
            | Self::Contains(expr, _)
            | Self::Absent(expr)
            | Self::Present(expr) => visit(expr),
        }
    }
}

/// What a parameter is bound to.
#[derive(Clone, Debug)]
pub enum Bind {
    /// A value as it is.
    Plain(Expr),
    /// An object as a list of `key:value`.
    KeyValue(Expr),
    /// An object as form parts, by the inputs that are declared.
    Multipart {
        /// The object.
        value: Expr,
        /// The declarations.
        declared: Expr,
    },
    /// The first that is there: text as it is, an object written as YAML.
    Yaml(Vec<Expr>),
}

impl Bind {
    pub(crate) fn read(table: &Table<'_>, tree: &Tree) -> Self {
        if !matches!(tree.node, Node::Table(_)) {
            return Self::Plain(Expr::read(tree));
        }
        let bind = table.of_tree(tree);
        let value = bind
            .need("value")
            .map_or(Expr::Constant(Value::Null), Expr::read);
        let values = bind.items("value").iter().map(Expr::read).collect();
        let encode = bind.text("encode");
        let declared = bind.get("declared").map(Expr::read);
        bind.finish();
        match (encode.as_deref(), declared) {
            (None, None) => Self::Plain(value),
            (Some("key_value"), None) => Self::KeyValue(value),
            (Some("yaml"), None) => Self::Yaml(values),
            (Some("multipart"), Some(declared)) => Self::Multipart { value, declared },
            (Some("multipart"), None) => {
                table.fault(tree.line, "encode = \"multipart\" needs `declared`");
                Self::Plain(value)
            }
            (None | Some("key_value" | "yaml"), Some(_)) => {
                table.fault(tree.line, "`declared` goes with encode = \"multipart\"");
                Self::Plain(value)
            }
            (Some(word), _) => {
                let near = nearest(word, ["key_value", "multipart", "yaml"].into_iter());
                table.fault(tree.line, format!("no encoder \"{word}\"{near}"));
                Self::Plain(value)
            }
        }
    }

    /// Calls `visit` with every expression.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Plain(expr) | Self::KeyValue(expr) => visit(expr),
            Self::Multipart { value, declared } => {
                visit(value);
                visit(declared);
            }
            Self::Yaml(values) => values.iter().for_each(visit),
        }
    }
}

/// Operations of filters, by their name on the wire.
pub const OPS: &[(&str, &str)] = &[
    ("EQUALS", "Equals"),
    ("IN", "In"),
    ("PREFIX", "Prefix"),
    ("CONTAINS", "Contains"),
    ("GREATER_THAN_OR_EQUAL_TO", "AtLeast"),
    ("LESS_THAN_OR_EQUAL_TO", "AtMost"),
];

/// A query filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Where it stands.
    pub line: usize,
    /// Kestra's field.
    pub field: String,
    /// Of [`OPS`].
    pub op: String,
    /// The value.
    pub value: Expr,
    /// The value where there is none.
    pub otherwise: Option<Value>,
    /// A filter for each member of an object.
    pub keyed: bool,
}

impl Filter {
    /// The filters of a step; their `check` joins `checks`.
    pub(crate) fn all(step: &Table<'_>, checks: &mut Vec<Check>) -> Vec<Self> {
        let mut filters = Vec::new();
        step.get("filters");
        for (field, tree) in step.entries("filters") {
            let items = match &tree.node {
                Node::Array(items) => items.as_slice(),
                _ => std::slice::from_ref(tree),
            };
            for item in items {
                let table = step.of_tree(item);
                let value = place(&table);
                let op = op(&table);
                if let Some(at) = table.text("check") {
                    checks.push(Check {
                        line: table.line(),
                        at: vec![at],
                        op: op.clone(),
                        value: value.clone(),
                    });
                }
                let keyed = table.boolean("keyed").unwrap_or_default();
                let otherwise = table.get("or").map(Tree::to_json);
                filters.push(Self {
                    line: table.line(),
                    field: field.clone(),
                    op,
                    value,
                    otherwise,
                    keyed,
                });
                table.finish();
            }
        }
        filters
    }
}

/// What every row must meet.
#[derive(Clone, Debug)]
pub struct Check {
    /// Where it stands.
    pub line: usize,
    /// Pointers into a row; what stands at one of them is enough.
    pub at: Vec<String>,
    /// Of [`OPS`].
    pub op: String,
    /// The value.
    pub value: Expr,
}

impl Check {
    pub(crate) fn read(table: Table<'_>) -> Self {
        let value = Expr::Argument(table.need_text("arg"));
        let check = Self {
            line: table.line(),
            at: places(&table),
            op: op(&table),
            value,
        };
        table.finish();
        check
    }
}

/// The pointers at `at`: one, or a list.
fn places(table: &Table<'_>) -> Vec<String> {
    if table.need("at").is_none() {
        return Vec::new();
    }
    let places = table.items("at").iter();
    places
        .filter_map(|tree| tree.as_text())
        .map(str::to_owned)
        .collect()
}

/// `arg`, `at` or `constant`.
fn place(table: &Table<'_>) -> Expr {
    let argument = table.text("arg").map(Expr::Argument);
    let at = table.get("at").map(Expr::read);
    let constant = table
        .get("constant")
        .map(|tree| Expr::Constant(tree.to_json()));
    argument.or(at).or(constant).unwrap_or_else(|| {
        table.fault(
            table.line(),
            "a filter names its value by `arg`, `at` or `constant`",
        );
        Expr::Constant(Value::Null)
    })
}

fn op(table: &Table<'_>) -> String {
    let op = table.need_text("op");
    if !OPS.iter().any(|(name, _)| *name == op) {
        let near = nearest(&op, OPS.iter().map(|(name, _)| *name));
        table.fault(table.line(), format!("no filter operation \"{op}\"{near}"));
    }
    op
}
