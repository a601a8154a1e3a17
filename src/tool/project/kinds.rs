//! Items of a list by kind: some of each are kept, the others are counted.

use serde_json::{Map, Value};

/// The member of an item of a [`Keep::Kinds`] that says how many more are of its kind. No member
/// of an answer is kept under such a name.
const MORE: &str = "\u{0}more";
/// Kinds that are told apart; Kestra has some 20 states.
pub(super) const KINDS: usize = 64;

/// For how many items of its list `item` stands.
pub fn weight(item: &Value) -> u64 {
    1 + item.get(MORE).and_then(Value::as_u64).unwrap_or_default()
}

/// Items that are alike.
pub(super) struct Kind {
    pub(super) name: Vec<Option<Value>>,
    pub(super) kept: usize,
    /// Where the last that is kept stands.
    pub(super) last: usize,
    pub(super) more: u64,
}

impl Kind {
    pub(super) fn is_of(&self, item: &Value, by: &[String]) -> bool {
        let texts = by.iter().map(|at| item.pointer(at));
        self.name.iter().map(Option::as_ref).eq(texts)
    }
}

/// Records that `item` stands for `more` items of its kind.
pub(super) fn mark(item: &mut Value, more: u64) {
    if !item.is_object() {
        *item = Value::Object(Map::new());
    }
    if let Some(members) = item.as_object_mut() {
        members.insert(MORE.to_owned(), more.into());
    }
}
