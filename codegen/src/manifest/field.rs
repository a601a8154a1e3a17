//! Fields of a result.

use serde_json::Value;

use super::{Expr, When, Words};
use crate::tree::{Node, Table, Tree, nearest};

/// Bytes of a field that states none.
const BYTES: i64 = 4096;

/// The types that a field may have.
const TYPES: &[&str] = &["string", "integer", "number", "boolean", "object", "array"];

/// The small functions that a field may be made by.
const MAKES: &[&str] = &[
    "time",
    "seconds_between",
    "in_set",
    "line_range",
    "label_map",
    "none_of",
    "first_line",
    "input_spec",
    "input_list",
    "short_types",
    "count",
    "count_by",
    "pick",
    "first",
    "seek",
];

/// What the small functions take.
const KEYS: &[&str] = &[
    "at", "by", "equals", "fields", "from", "give", "inner", "key", "limit", "nested", "range",
    "reverse", "set", "to", "total", "where",
];

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where it stands.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub make: Make,
    /// Left out unless this holds.
    pub when: When,
    /// Written by people outside the caller's control.
    pub untrusted: bool,
    /// Left out for who does not hold it.
    pub permission: Option<String>,
    /// The ordinary value.
    pub omit: Option<Value>,
    /// Bytes of the value.
    pub bytes: i64,
    /// Other bytes when it was asked for.
    pub asked: Option<(When, i64)>,
    /// Its JSON type, where `make` does not say it.
    pub kind: String,
}

/// What a field is made of.
#[derive(Clone, Debug)]
pub enum Make {
    /// The first place that holds anything.
    Plain(Vec<Expr>),
    /// Never cut; with which lines of it were asked for, and from how many bytes on that is told.
    Whole(Expr, i64, Option<(Expr, i64)>),
    /// Which lines of a text were asked for, of how many.
    LineRange(Expr, Expr),
    /// An instant.
    Time(Expr),
    /// From one instant to another.
    SecondsBetween(Expr, Expr),
    /// Whether a text is one of these.
    InSet(Expr, Vec<String>),
    /// Whether none of several places holds true.
    NoneOf(Vec<Expr>),
    /// Labels.
    LabelMap(Expr),
    /// First line of a text.
    FirstLine(Expr),
    /// `id:TYPE`
    InputSpec(Expr),
    /// Flow inputs.
    InputList(Expr),
    /// Last words of class names.
    ShortTypes(Expr, String),
    /// How many.
    Count(Expr),
    /// How many, by a text.
    CountBy {
        /// The list.
        at: Expr,
        /// Where the text stands.
        by: String,
        /// Places that say how many there are in all: a number, or tasks.
        totals: Vec<Expr>,
        /// The members of a task under which tasks stand.
        nested: Vec<String>,
    },
    /// Fields of its own.
    Object(Vec<Field>),
    /// Items of a list.
    Pick {
        /// The lists, one after the other.
        at: Vec<Expr>,
        /// Which items.
        only: When,
        /// Last first.
        reverse: bool,
        /// How many at most.
        limit: i64,
        /// Of each.
        fields: Vec<Field>,
    },
    /// Of the first item that fits.
    First {
        /// The list.
        at: Expr,
        /// Which item.
        only: When,
        /// What of it.
        give: String,
    },
    /// Of an object found in a tree, as flow inputs.
    Seek {
        /// The tree.
        at: Expr,
        /// The key.
        key: String,
        /// Its value.
        equals: Box<Make>,
        /// What of it.
        give: String,
    },
}

impl Field {
    /// Calls `visit` with every expression.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.make.expressions(visit);
        if let Some((asked, _)) = &self.asked {
            asked.expressions(visit);
        }
    }

    /// The fields under `fields`.
    pub(crate) fn all(table: &Table<'_>, words: &Words<'_>) -> Vec<Self> {
        let entries = table.entries("fields").iter();
        entries
            .map(|(name, tree)| Self::read(name, table, tree, words))
            .collect()
    }

    fn read(name: &str, owner: &Table<'_>, tree: &Tree, words: &Words<'_>) -> Self {
        let mut field = Self {
            line: tree.line,
            name: name.to_owned(),
            make: Make::Plain(vec![Expr::read(tree)]),
            when: When::Always,
            untrusted: false,
            permission: None,
            omit: None,
            bytes: BYTES,
            asked: None,
            kind: "string".into(),
        };
        if !matches!(tree.node, Node::Table(_)) {
            return field;
        }
        let table = owner.of_tree(tree);
        field.make = Make::read(&table, words);
        field.when = When::read(&table, "when", words);
        field.untrusted = table.boolean("untrusted").unwrap_or_default();
        field.permission = words.permission(&table);
        field.omit = table.get("omit").map(Tree::to_json);
        field.bytes = table.integer("bytes").unwrap_or(BYTES);
        if let Some(kind) = table.text("type") {
            if !TYPES.contains(&kind.as_str()) {
                let near = nearest(&kind, TYPES.iter().copied());
                table.fault(table.line(), format!("no type \"{kind}\"{near}"));
            }
            field.kind = kind;
        }
        field.asked = table.table("asked").map(|asked| {
            let when = When::Contains(
                Expr::Argument(asked.need_text("arg")),
                asked.need_text("contains"),
            );
            let bytes = asked.integer("bytes").unwrap_or(BYTES);
            asked.finish();
            (when, bytes)
        });
        table.finish();
        field
    }
}

impl Make {
    fn read(table: &Table<'_>, words: &Words<'_>) -> Self {
        let nothing = || Expr::Constant(Value::Null);
        let at = || table.need("at").map_or_else(nothing, Expr::read);
        let Some(make) = table.text("make") else {
            if table.get("fields").is_some() {
                return Self::Object(Field::all(table, words));
            }
            if let Some(constant) = table.get("constant") {
                return Self::Plain(vec![Expr::Constant(constant.to_json())]);
            }
            if let Some(most) = table.integer("whole") {
                let lines = table.get("range").map(|lines| {
                    let large = table.need("large").and_then(|_| table.integer("large"));
                    (Expr::read(lines), large.unwrap_or_default())
                });
                return Self::Whole(at(), most, lines);
            }
            // A builtin's field has a type and no place.
            return Self::Plain(table.items("at").iter().map(Expr::read).collect());
        };
        let only = || When::read(table, "where", words);
        let give = || table.need_text("give");
        match make.as_str() {
            "time" => Self::Time(at()),
            "seconds_between" => Self::SecondsBetween(
                table.need("from").map_or_else(nothing, Expr::read),
                table.need("to").map_or_else(nothing, Expr::read),
            ),
            "line_range" => {
                let lines = table.need("range").map_or_else(nothing, Expr::read);
                Self::LineRange(at(), lines)
            }
            "in_set" => {
                let set = table.need_text("set");
                Self::InSet(at(), words.set(table, table.line(), &set))
            }
            "none_of" => Self::NoneOf(table.items("at").iter().map(Expr::read).collect()),
            "label_map" => Self::LabelMap(at()),
            "first_line" => Self::FirstLine(at()),
            "input_spec" => Self::InputSpec(at()),
            "input_list" => Self::InputList(at()),
            "short_types" => Self::ShortTypes(at(), table.need_text("by")),
            "count" => Self::Count(at()),
            "count_by" => {
                let totals = table.items("total").iter().map(Expr::read).collect();
                Self::CountBy {
                    at: at(),
                    by: table.need_text("by"),
                    totals,
                    nested: table.texts("nested").unwrap_or_default(),
                }
            }
            "pick" => Self::Pick {
                at: table
                    .need("at")
                    .map(|_| table.items("at").iter().map(Expr::read).collect())
                    .unwrap_or_default(),
                only: only(),
                reverse: table.boolean("reverse").unwrap_or_default(),
                limit: table.integer("limit").unwrap_or(100),
                fields: Field::all(table, words),
            },
            "first" => Self::First {
                at: at(),
                only: only(),
                give: give(),
            },
            "seek" => {
                if table.need_text("inner") != "input_list" {
                    table.fault(table.line(), "`inner` takes \"input_list\"");
                }
                let equals = table.need("equals").map(|tree| {
                    let equals = table.of_tree(tree);
                    let make = Self::read(&equals, words);
                    equals.finish();
                    make
                });
                Self::Seek {
                    at: at(),
                    key: table.need_text("key"),
                    equals: Box::new(equals.unwrap_or(Self::Plain(Vec::new()))),
                    give: give(),
                }
            }
            other => {
                let near = nearest(other, MAKES.iter().copied());
                table.fault(table.line(), format!("no `make` \"{other}\"{near}"));
                // One fault is enough.
                for key in KEYS {
                    table.get(key);
                }
                Self::Plain(vec![nothing()])
            }
        }
    }

    /// The JSON type of what it makes; none where the manifest must say it.
    pub const fn kind(&self) -> Option<&'static str> {
        Some(match self {
            Self::Plain(_) | Self::First { .. } => return None,
            Self::Whole(..) | Self::LineRange(..) | Self::Time(_) | Self::FirstLine(_) => "string",
            Self::SecondsBetween(..) => "number",
            Self::InSet(..) | Self::NoneOf(_) => "boolean",
            Self::Count(_) => "integer",
            Self::LabelMap(_) | Self::CountBy { .. } | Self::Object(_) => "object",
            Self::InputSpec(_)
            | Self::InputList(_)
            | Self::ShortTypes(..)
            | Self::Pick { .. }
            | Self::Seek { .. } => "array",
        })
    }

    /// Calls `visit` with every expression.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Self::Plain(places) | Self::NoneOf(places) => places.iter().for_each(visit),
            Self::Whole(expr, _, lines) => {
                visit(expr);
                if let Some((lines, _)) = lines {
                    visit(lines);
                }
            }
            Self::LineRange(expr, lines) => {
                visit(expr);
                visit(lines);
            }
            Self::Time(expr)
            | Self::InSet(expr, _)
            | Self::LabelMap(expr)
            | Self::FirstLine(expr)
            | Self::InputSpec(expr)
            | Self::InputList(expr)
            | Self::ShortTypes(expr, _)
            | Self::Count(expr) => visit(expr),
            Self::CountBy { at, totals, .. } => {
                visit(at);
                totals.iter().for_each(visit);
            }
            Self::SecondsBetween(from, to) => {
                visit(from);
                visit(to);
            }
            Self::Object(fields) => fields.iter().for_each(|field| field.expressions(visit)),
            Self::Pick {
                at, only, fields, ..
            } => {
                at.iter().for_each(&mut *visit);
                only.expressions(visit);
                for field in fields {
                    field.expressions(visit);
                }
            }
            Self::First { at, only, .. } => {
                visit(at);
                only.expressions(visit);
            }
            Self::Seek { at, equals, .. } => {
                visit(at);
                equals.expressions(visit);
            }
        }
    }
}
