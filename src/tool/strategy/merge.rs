//! Rows that a search misses, from a second place (2.0 Enterprise: triggers of one flow).

use serde_json::{Map, Value};

use super::{Steps, run};
use crate::tool::scope::{Scope, When};

/// Where missing rows come from.
#[derive(Clone, Copy, Debug)]
pub struct Merge {
    /// Only when this holds.
    pub when: When,
    /// The step whose rows complete the main ones.
    pub step: &'static str,
    /// Each of them is put under this member.
    pub into: &'static str,
    /// What tells rows apart.
    pub key: &'static str,
    /// Where the rows of the main answer stand.
    pub rows: &'static str,
    /// Where its total stands.
    pub total: &'static str,
    /// What else belongs to a row.
    pub lookup: Option<Lookup>,
}

/// A part of a row that stands in the answer of another step.
#[derive(Clone, Copy, Debug)]
pub struct Lookup {
    /// The step.
    pub step: &'static str,
    /// The list in its answer.
    pub at: &'static str,
    /// What tells its items apart; equal to the row's key.
    pub key: &'static str,
    /// The member that the item is put under.
    pub into: &'static str,
}

/// `main` with the rows that it misses. A second place that cannot be read adds nothing.
pub(super) async fn complete<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    merge: &Merge,
    mut main: Value,
) -> Value {
    if !scope.holds(&merge.when, &main) {
        return main;
    }
    let Ok(rows) = run(steps, scope, merge.step).await else {
        return main;
    };
    let known: Vec<Value> = keys(main.pointer(merge.rows), merge.key);
    let mut missing: Vec<Value> = Vec::new();
    for row in rows.as_array().into_iter().flatten() {
        let wrapped = Value::Object(Map::from_iter([(merge.into.to_owned(), row.clone())]));
        if wrapped
            .pointer(merge.key)
            .is_some_and(|key| !known.contains(key))
        {
            missing.push(wrapped);
        }
    }
    if missing.is_empty() {
        return main;
    }
    if let Some(lookup) = &merge.lookup {
        let found = run(steps, scope, lookup.step).await.unwrap_or_default();
        let items = found.pointer(lookup.at).and_then(Value::as_array);
        for row in &mut missing {
            let key = row.pointer(merge.key).cloned().unwrap_or_default();
            let item = items
                .into_iter()
                .flatten()
                .find(|item| item.pointer(lookup.key) == Some(&key));
            if let (Some(item), Some(members)) = (item, row.as_object_mut()) {
                members.insert(lookup.into.to_owned(), item.clone());
            }
        }
    }
    let total = main
        .pointer(merge.total)
        .and_then(Value::as_u64)
        .unwrap_or_default()
        + missing.len() as u64;
    if let Some(place) = main.pointer_mut(merge.total) {
        *place = total.into();
    }
    if let Some(rows) = main.pointer_mut(merge.rows).and_then(Value::as_array_mut) {
        rows.append(&mut missing);
    }
    main
}

fn keys(rows: Option<&Value>, key: &str) -> Vec<Value> {
    let rows = rows.and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .filter_map(|row| row.pointer(key).cloned())
        .collect()
}
