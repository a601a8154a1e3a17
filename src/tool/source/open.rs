//! What a rule needs to know of the collections round a node.

use std::collections::BTreeSet;

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
