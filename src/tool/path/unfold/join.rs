//! Joins rows with a table.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vocabulary::{Join, Unfold};

use super::page::{HELD, SIZE, UNFOLD, page_of};
use crate::tool::bindings::{Bindings, member, plain};
use crate::tool::error::Error;
use crate::tool::path::steps::{FOR_A_PART, Path, Send};

/// The member of a row that the table could not be asked about.
const UNREAD: &str = "unread";

/// What the table says, by what [`Join::on`] compares.
type Known = BTreeMap<Vec<String>, Value>;

/// Joins `rows`; what is to be said where that is not possible for all of them. Of few rows of the
/// search each is asked about by itself: that is exact, and short. Else the table is read, page by
/// page, and what it misses is looked for in the same way.
///
/// # Errors
/// [`Error::Cancelled`].
pub(super) async fn join<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    unfold: &'static Unfold,
    rows: &mut [Value],
) -> Result<Option<String>, Error> {
    let join = &unfold.join;
    let mut known = Known::new();
    let mut asked: Vec<Value> = Vec::new();
    let read = look(path, bindings, unfold, rows, &mut known, &mut asked).await;
    let failed = match read {
        Ok(()) => None,
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(error) => Some(error),
    };
    let mut unread = false;
    for row in rows {
        if bindings.holds(&join.unless, row) {
            continue;
        }
        let (state, of) = (known.remove(&key(join, row)), row.get(&unfold.of));
        let absent = state.is_none() && of.is_some_and(|of| asked.contains(of));
        let (member, value) = match state {
            Some(state) => (join.into.as_str(), state),
            None if absent => continue,
            None => (UNREAD, true.into()),
        };
        unread |= member == UNREAD;
        if let Some(members) = row.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
    }
    Ok(unread.then(|| match failed {
        Some(error) => format!("{} ({})", join.note, error.code()),
        None => join.note.clone(),
    }))
}

async fn look<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    unfold: &'static Unfold,
    rows: &[Value],
    known: &mut Known,
    asked: &mut Vec<Value>,
) -> Result<(), Error> {
    let join = &unfold.join;
    let wanted: Vec<&Value> = rows
        .iter()
        .filter(|row| !bindings.holds(&join.unless, row))
        .collect();
    let missing = |known: &Known| -> Vec<&Value> {
        let mut missing = Vec::new();
        for row in &wanted {
            if let Some(of) = row.get(&unfold.of)
                && !known.contains_key(&key(join, row))
                && !missing.contains(&of)
            {
                missing.push(of);
            }
        }
        missing
    };
    let keys: Vec<Vec<String>> = wanted.iter().map(|row| key(join, row)).collect();
    let take = |bindings: &Bindings<'_>, known: &mut Known, state: Value| {
        let key: Vec<String> = join.on.iter().map(|(at, _)| text(&state, at)).collect();
        if !keys.contains(&key) || known.contains_key(&key) {
            return Ok(());
        }
        let bytes = state.to_string().len().saturating_mul(HELD);
        bindings.ctx.memory.hold(bytes)?;
        known.insert(key, state);
        Ok::<(), Error>(())
    };
    if missing(known).len() > join.few {
        // As many rows as of the search.
        let pages = unfold.pages.saturating_mul(unfold.batch).div_ceil(SIZE);
        for number in 1..=pages {
            if missing(known).is_empty() || bindings.ctx.left() < FOR_A_PART {
                break;
            }
            let (page, ended) = page_of(path, bindings, "table", (number, SIZE)).await?;
            for mut row in page {
                if let Some(state) = row.pointer_mut(&join.at).map(Value::take) {
                    take(bindings, known, state)?;
                }
            }
            if ended {
                break;
            }
        }
    }
    for of in missing(known).into_iter().take(join.few) {
        if bindings.ctx.left() < FOR_A_PART {
            break;
        }
        bindings.steps.insert(UNFOLD, json!({ "row": of }));
        let states = path.read(bindings, "one").await?;
        let Value::Array(states) = states else {
            continue;
        };
        for state in states {
            take(bindings, known, state)?;
        }
        asked.push(of.clone());
    }
    Ok(())
}

/// What must be equal, of a row.
fn key(join: &Join, row: &Value) -> Vec<String> {
    join.on.iter().map(|(_, at)| text(row, at)).collect()
}

fn text(value: &Value, at: &str) -> String {
    let found = member(value, at).map(plain);
    found.unwrap_or_default().into_owned()
}
