//! Rows that a search misses, from a second place (2.0 Enterprise: triggers of one flow).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Output, Steps, run};
use crate::tool::scope::{Scope, When, plain};

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
    let mut shown = rows_at(&main, merge.rows);
    let total = main.pointer(merge.total).and_then(Value::as_u64);
    let total = total.unwrap_or(shown.len() as u64);
    let mut second: Vec<Value> = rows
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| Value::Object(Map::from_iter([(merge.into.to_owned(), row.clone())])))
        .filter(|row| row.pointer(merge.key).is_some())
        .collect();
    let name = |row: &Value| identity(scope, S::PLAN.output, merge.key, row);
    let number = |name: &str| scope.arguments.get(name).and_then(Value::as_u64);
    let (page, size) = (number("page").unwrap_or(1), number("size").unwrap_or(25));
    let (mut added, total) = if page == 1 && total <= shown.len() as u64 {
        // All that the search finds is here: what is not among it is missing.
        let known: Vec<Vec<String>> = shown.iter().map(name).collect();
        second.retain(|row| !known.contains(&name(row)));
        let total = total + second.len() as u64;
        (second, total)
    } else if second.len() as u64 > total {
        // It misses some, on whichever page: the second place has them all.
        shown.clear();
        let total = second.len() as u64;
        second.sort_by_cached_key(name);
        let fit = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let before = fit(page.saturating_sub(1).saturating_mul(size));
        let rows = second.into_iter().skip(before).take(fit(size));
        (rows.collect(), total)
    } else {
        return main;
    };
    if added.is_empty() {
        return main;
    }
    if let Some(lookup) = &merge.lookup {
        let found = run(steps, scope, lookup.step).await.unwrap_or_default();
        for row in &mut added {
            complete_row(row, merge.key, lookup, &found);
        }
    }
    shown.append(&mut added);
    if let Some(place) = main.pointer_mut(merge.total) {
        *place = total.into();
    }
    if let Some(rows) = main.pointer_mut(merge.rows) {
        *rows = Value::Array(shown);
    }
    main
}

fn rows_at(value: &Value, at: &str) -> Vec<Value> {
    let rows = value.pointer(at).and_then(Value::as_array);
    rows.cloned().unwrap_or_default()
}

/// Puts the item that belongs to `row` under it.
fn complete_row(row: &mut Value, key: &str, lookup: &Lookup, found: &Value) {
    let key = row.pointer(key).cloned().unwrap_or_default();
    let items = found.pointer(lookup.at).and_then(Value::as_array);
    let item = items
        .into_iter()
        .flatten()
        .find(|item| item.pointer(lookup.key) == Some(&key));
    if let (Some(item), Some(members)) = (item, row.as_object_mut()) {
        members.insert(lookup.into.to_owned(), item.clone());
    }
}

/// What tells `row` from every other: the search may also show rows of the same key elsewhere.
fn identity(scope: &Scope<'_>, output: &Output, key: &str, row: &Value) -> Vec<String> {
    let places = output.order.iter().map(|expr| scope.get(expr, row));
    let key = row.pointer(key).map(Cow::Borrowed);
    places
        .chain([key])
        .map(|text| {
            text.map(|text| plain(&text).into_owned())
                .unwrap_or_default()
        })
        .collect()
}
