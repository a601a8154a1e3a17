//! What is used of an answer: worked out at build, read by the server.

use serde::{Deserialize, Serialize};

/// What to keep of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// Nothing but that it was there: null.
    Presence,
    /// All of it, within the bounds.
    Whole,
    /// Labels: a list of `[key, value]`, however they come.
    Labels,
    /// These members of an object, in the order of their names.
    Members(Vec<(String, Keep)>),
    /// At most this many items of a list, each pruned.
    Each(Box<Keep>, usize),
    /// Of a list, how many items it has.
    Count,
    /// Of a list of tasks, how many there are with those under these members of one; `name/*` is a
    /// member whose own members hold them.
    Tree(Vec<String>),
    /// Of a list, the first items of each kind, and how many more there are.
    Kinds {
        /// What to keep of an item.
        item: Box<Keep>,
        /// Where the texts stand that make the kind of an item.
        by: Vec<String>,
        /// How many items of a kind are kept.
        each: usize,
    },
}
