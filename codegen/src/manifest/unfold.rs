//! Rows that stand in the rows of a search, joined with what a table says of them.

use serde_json::Value;

use super::{Check, Expr, When, Words};
use crate::tree::Table;

/// Which rows stand where.
#[derive(Debug)]
pub struct Unfold {
    /// The members that a row of the search, an item of its list, and what is joined are under.
    pub members: [String; 3],
    /// Pointers: to the list in a row of the search, to the text by which items are ordered.
    pub pointers: [String; 2],
    /// Pointers to what names a row of the search.
    pub names: Vec<String>,
    /// What every row must meet.
    pub checks: Vec<Check>,
    /// Which page was asked for, and of how many rows.
    pub wanted: [Expr; 2],
    /// How many rows of the search are read at a time.
    pub batch: i64,
    /// How many times one call may read.
    pub pages: i64,
    /// How to see what was not read.
    pub next: String,
    /// What must be equal: in what is joined, and in a row.
    pub on: Vec<(String, String)>,
    /// The table knows nothing of such a row.
    pub unless: When,
    /// Where what is joined stands in a row of the table; empty where it is the row.
    pub at: String,
    /// Of how many rows of the search each is asked about by itself.
    pub few: i64,
    /// What is said of rows about which the table could not be asked.
    pub note: String,
}

impl Unfold {
    pub(super) fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let checks = table.items("checks").iter();
        let checks = checks
            .map(|tree| Check::read(table.of_tree(tree)))
            .collect();
        let mut unfold = Self {
            members: [
                table.need_text("of"),
                table.need_text("item"),
                String::new(),
            ],
            pointers: ["list", "by"].map(|key| table.need_pointer(key)),
            names: table.texts("names").unwrap_or_default(),
            checks,
            wanted: ["page", "size"].map(|key| {
                let found = table.need(key);
                found.map_or(Expr::Constant(Value::Null), Expr::read)
            }),
            batch: table.integer("batch").unwrap_or(100),
            pages: table.integer("pages").unwrap_or(1),
            next: table.need_text("next"),
            on: Vec::new(),
            unless: When::Any(Vec::new()),
            at: String::new(),
            few: 0,
            note: String::new(),
        };
        table.need("join");
        if let Some(join) = table.table("join") {
            let [.., into] = &mut unfold.members;
            *into = join.need_text("into");
            join.need("on");
            if let Some(on) = join.table("on") {
                let keys = on.keys().into_iter();
                unfold.on = keys
                    .map(|key| (format!("/{key}"), on.need_pointer(&key)))
                    .collect();
            }
            join.need("unless");
            unfold.unless = When::read(&join, "unless", words);
            if join.get("at").is_some() {
                unfold.at = join.need_pointer("at");
            }
            unfold.few = join.integer("few").unwrap_or(1);
            unfold.note = join.need_text("note");
            join.finish();
        }
        table.finish();
        unfold
    }

    /// Calls `visit` with every expression.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.wanted.iter().for_each(&mut *visit);
        self.checks.iter().for_each(|check| visit(&check.value));
        self.unless.expressions(visit);
    }
}
