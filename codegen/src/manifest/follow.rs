//! How what was started is watched to its end.

use serde_json::Value;

use super::{Expr, Words};
use crate::tree::Table;

/// How a started object is followed.
#[derive(Debug)]
pub struct Follow {
    /// Pointers into an answer: id, state, tasks, state of a task.
    pub pointers: [String; 4],
    /// Where a task says its name.
    pub task: Option<String>,
    /// States in which it has ended.
    pub done: Vec<String>,
    /// States in which it waits for a person.
    pub pause: Vec<String>,
    /// Declared tasks.
    pub declared: Expr,
    /// The members of a task under which tasks stand.
    pub nested: Vec<String>,
    /// Pointers into the answers of `latest` and `describe`: revision, whether it is deleted.
    pub latest: Option<[String; 2]>,
    /// Pointer into an answer: the instant for which it is scheduled; and the states in which it has
    /// begun, whatever that says.
    pub scheduled: Option<(String, Vec<String>)>,
    /// How to see how it ends.
    pub next: String,
}

impl Follow {
    pub(super) fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let set = |key: &str| {
            let name = table.need_text(key);
            words.set(&table, table.line(), &name)
        };
        let follow = Self {
            pointers: ["id", "state", "tasks", "task_state"].map(|key| table.need_pointer(key)),
            task: table.get("task").map(|_| table.need_pointer("task")),
            done: set("done"),
            pause: set("pause"),
            declared: table
                .need("declared")
                .map_or(Expr::Constant(Value::Null), Expr::read),
            nested: table.texts("nested").unwrap_or_default(),
            latest: table
                .get("revision")
                .is_some()
                .then(|| ["revision", "deleted"].map(|key| table.need_pointer(key))),
            scheduled: table
                .get("scheduled")
                .is_some()
                .then(|| (table.need_pointer("scheduled"), set("begun"))),
            next: table.need_text("next"),
        };
        table.finish();
        follow
    }
}
