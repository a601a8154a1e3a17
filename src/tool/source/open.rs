//! What a rule needs to know of the collections round a node.

use std::collections::BTreeSet;

/// Lists under a top-level key whose items have a `type`, and mostly an `id`.
const SECTIONS: [&str; 8] = [
    "inputs",
    "outputs",
    "tasks",
    "triggers",
    "errors",
    "finally",
    "afterExecution",
    "pluginDefaults",
];
/// Lists of such items inside an item: branches, loops, the inputs of a pause.
const BRANCHES: [&str; 8] = [
    "tasks", "then", "else", "errors", "finally", "defaults", "inputs", "onResume",
];
/// A mapping of such lists inside an item.
const CASES: &str = "cases";
/// One such item inside an item.
const TASK: &str = "task";

/// What a collection is to Kestra.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// The flow, or the app.
    Root,
    /// Holds items that have a type.
    Section,
    /// Such an item.
    Item,
    /// Anything else: nobody's id, nobody's type.
    #[default]
    Data,
}

impl Role {
    /// The role of a collection under `key` of the one around it.
    pub(super) fn within(around: Option<Self>, key: Option<&str>, list: bool) -> Self {
        let Some(around) = around else {
            return Self::Root;
        };
        match (around, key) {
            (Self::Root, Some(key)) if list && SECTIONS.contains(&key) => Self::Section,
            (Self::Item, Some(key)) if list && BRANCHES.contains(&key) => Self::Section,
            (Self::Item, Some(key)) if !list && key == CASES => Self::Section,
            (Self::Item, Some(key)) if !list && key == TASK => Self::Item,
            // A list of the cases, or an item of a list.
            (Self::Section, Some(_)) if list => Self::Section,
            (Self::Section, None) if !list => Self::Item,
            _ => Self::Data,
        }
    }
}

/// What is being read inside another.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) role: Role,
    /// The anchor that it is known by, and how many nodes had been counted before it.
    pub(super) anchor: Option<(String, usize)>,
    pub(super) shape: Shape,
    /// Characters before it.
    pub(super) index: usize,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// A mapping: its keys, and the key whose value comes next.
    Mapping {
        keys: BTreeSet<String>,
        key: Option<String>,
    },
    List,
}
