//! The values of one call: its arguments and what earlier steps answered, and the references and
//! conditions by which the manifest names them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use vocabulary::{Expr, Slot, Text, When};

use super::{CallCtx, cut};

/// Bytes of a value of Kestra's in a sentence of ours.
const SAID: usize = 200;

/// [`Value::pointer`] without a copy of each name: almost none has an escape in it.
pub fn at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.contains('~') || !pointer.starts_with('/') {
        return value.pointer(pointer);
    }
    let mut names = pointer.split('/').skip(1);
    names.try_fold(value, |value, name| match value {
        Value::Object(members) => members.get(name),
        Value::Array(_) => value.pointer(&format!("/{name}")),
        _ => None,
    })
}

/// The values of one call.
#[derive(Debug)]
pub struct Bindings<'a> {
    /// The context of the call.
    pub ctx: &'a CallCtx,
    /// Checked and normalised.
    pub arguments: &'a Map<String, Value>,
    /// What the steps answered, pruned to what is used of it.
    pub steps: BTreeMap<&'static str, Value>,
    /// The top-level texts of the document that was given.
    pub document: Value,
}

impl<'a> Bindings<'a> {
    /// A bindings before the first step.
    pub fn new(ctx: &'a CallCtx, arguments: &'a Map<String, Value>) -> Self {
        Self {
            ctx,
            arguments,
            steps: BTreeMap::new(),
            document: Value::Null,
        }
    }

    /// The value at `expr`; null counts as absent. `row` is what [`Expr::Row`] points into.
    pub fn get<'s>(&'s self, expr: &'s Expr, row: &'s Value) -> Option<&'s Value> {
        let found = match expr {
            Expr::Argument(name) => self.arguments.get(name)?,
            Expr::Step(step, pointer) => at(self.steps.get(step.as_str())?, pointer)?,
            Expr::Document(pointer) => at(&self.document, pointer)?,
            Expr::Row(pointer) => at(row, pointer)?,
            Expr::Constant(value) => value,
        };
        (!found.is_null()).then_some(found)
    }

    /// Whether `when` holds for `row`.
    pub fn holds(&self, when: &When, row: &Value) -> bool {
        match when {
            When::Always => true,
            When::All(all) => all.iter().all(|when| self.holds(when, row)),
            When::Any(any) => any.iter().any(|when| self.holds(when, row)),
            When::None(none) => !none.iter().any(|when| self.holds(when, row)),
            When::Equals(expr, wanted) => self.get(expr, row) == Some(wanted),
            When::In(expr, words) => {
                let text = self.get(expr, row).and_then(Value::as_str);
                text.is_some_and(|text| words.contains(text))
            }
            When::Contains(expr, word) => {
                let items = self.get(expr, row).and_then(Value::as_array);
                items.is_some_and(|items| items.iter().any(|item| item == word))
            }
            When::Absent(expr) => self.get(expr, row).is_none(),
            When::Present(expr) => self.get(expr, row).is_some(),
        }
    }

    /// Whether `value` is about the object that these name.
    pub fn same(&self, value: &Value, pairs: &IndexMap<String, Expr>) -> bool {
        pairs.iter().all(|(pointer, expr)| {
            match (member(value, pointer), self.get(expr, &Value::Null)) {
                (Some(found), Some(wanted)) => plain(found) == plain(wanted),
                _ => false,
            }
        })
    }

    /// The sentence `text`, with `words` for its open slots; an absent value is empty.
    pub fn say(&self, text: &Text, words: &[(&str, &str)]) -> String {
        let mut said = String::new();
        for (before, slot) in &text.parts {
            said.push_str(before);
            match slot {
                Some(Slot::Value(expr)) => {
                    let value = self.get(expr, &Value::Null);
                    let value = value.map(plain);
                    let clean =
                        value.map(|value| cut::clean(&value, &self.ctx.secrets).into_owned());
                    said.extend(clean.map(|value| cut::text(&value, SAID).0));
                }
                Some(Slot::Word(name)) => {
                    let word = words.iter().find(|(known, _)| known == name);
                    said.extend(word.map(|(_, word)| *word));
                }
                None => {}
            }
        }
        said
    }
}

/// A member of an answer as [`vocabulary::Step::same`] names it: by its name, or by a pointer.
pub fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    if name.starts_with('/') {
        at(value, name)
    } else {
        value.get(name)
    }
}

/// A scalar as bare text, anything else as JSON.
pub fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
