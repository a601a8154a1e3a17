//! Rows that stand in the rows of a search, such as the triggers of flows: the search is read page
//! by page up to a bound, and each row is joined with what a table says of it.

mod join;
mod page;

use std::time::Duration;

use serde_json::{Map, Value, json};
use vocabulary::step::Wanted;
use vocabulary::tool::ACT;
use vocabulary::{Expr, Unfold};

use self::join::join;
use self::page::{HELD, page_of};
use super::attach::finish;
use super::steps::{Path, Send};
use crate::tool::Reply;
use crate::tool::bindings::{Bindings, plain};
use crate::tool::clearance::{self, Cleared};
use crate::tool::error::Error;
use crate::tool::project::weight;
use crate::tool::written;

/// No further page of the search is begun with less time left than this: the table is read after it.
const FOR_A_PAGE: Duration = Duration::from_secs(10);
/// What was found.
#[derive(Default)]
struct Found {
    /// The rows of the page that was asked for.
    rows: Vec<Value>,
    /// How many fit, as far as they were read.
    count: u64,
    /// How many fit, and policy refuses them.
    dropped: u64,
    /// How many rows of the search were read, and the name of the last.
    read: u64,
    last: String,
    /// Whether the search was read to its end.
    ended: bool,
    /// Whether some of what was read was too large to be kept.
    lost: bool,
}

/// Reads the search up to its bound, takes the page that was asked for, and joins its rows. A total
/// is told where it is one.
///
/// # Errors
/// See [`Error`].
pub(super) async fn run<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    unfold: &'static Unfold,
    cleared: &Cleared,
) -> Result<Reply, Error> {
    let mut found = read(path, bindings, unfold).await?;
    let unread = join(path, bindings, unfold, &mut found.rows).await?;
    let mut main = Map::new();
    let mut put = |at: Option<&str>, value: Value| {
        if let Some(at) = at {
            main.insert(at.trim_start_matches('/').into(), value);
        }
    };
    let output = &path.tool.entry.output;
    put(
        output.rows.as_deref(),
        std::mem::take(&mut found.rows).into(),
    );
    put(output.total.as_deref(), found.count.into());
    // Its rows were held against everything where they were found.
    let Reply(mut result) = finish(path, bindings, main.into(), None, cleared).await?;
    if let Some(result) = result.as_object_mut() {
        found.tell(unfold, unread, result);
    }
    Ok(Reply(result))
}

impl Found {
    /// What is not known of the rows, where there is anything: a number that is too small is worse
    /// than none.
    fn tell(&self, unfold: &Unfold, unread: Option<String>, result: &mut Map<String, Value>) {
        let known = result.get("note").and_then(Value::as_str);
        let mut notes: Vec<String> = known.map(str::to_owned).into_iter().collect();
        if self.dropped > 0 {
            result.remove("total");
            result.insert("dropped".into(), self.dropped.into());
        }
        if !self.ended {
            result.remove("total");
            let (read, of, last, next) = (self.read, &unfold.of, &self.last, &unfold.next);
            notes.push(format!(
                "only the first {read} {of}s were read, the last of them {last}; {next}"
            ));
        } else if self.lost {
            result.remove("total");
            notes.push(format!(
                "some {}s are too large to be read whole, so some rows may be missing",
                unfold.of
            ));
        }
        notes.extend(unread);
        if !notes.is_empty() {
            result.insert("note".into(), notes.join("; ").into());
        }
    }
}

async fn read<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    unfold: &'static Unfold,
) -> Result<Found, Error> {
    let number = |expr: &'static Expr| bindings.get(expr, &Value::Null)?.as_u64();
    let page = number(&unfold.page).unwrap_or(1);
    let size = number(&unfold.size).unwrap_or(25);
    let from = page.saturating_sub(1).saturating_mul(size);
    let wanted = from..from.saturating_add(size);
    let mut found = Found::default();
    let step = path.tool.request(ACT)?.step;
    let asked = clearance::in_rows(path.tool);
    for number in 1..=unfold.pages {
        if number > 1 && bindings.ctx.left() < FOR_A_PAGE {
            break;
        }
        let (rows, ended) = page_of(path, bindings, ACT, (number, unfold.batch)).await?;
        found.lost |= !bindings.ctx.memory.lost().is_empty();
        for mut row in rows {
            if !bindings.fits(&row, step.checks()) {
                continue;
            }
            let list = row.pointer_mut(&unfold.list).map(Value::take);
            found.read += 1;
            let mut named = Some(name(unfold, &row));
            let items = in_order(list, &unfold.by);
            if let (true, Some(at)) = (items.is_empty(), asked) {
                let bare = json!({ unfold.of.as_str(): row });
                named = named.filter(|_| clearance::may_show(bindings.ctx, &bare, Some(at)));
            }
            for item in items {
                let ours = json!({ unfold.of.as_str(): row, unfold.item.as_str(): item });
                let checks = unfold.checks.iter();
                let checks =
                    checks.map(|check| (&*check.at.0, check.op, Wanted::Argument(&check.arg)));
                let fits = bindings.fits(&ours, checks);
                if asked.is_some_and(|at| !clearance::may_show(bindings.ctx, &ours, Some(at))) {
                    found.dropped += u64::from(fits);
                    named = None;
                    continue;
                }
                found.lost |= weight(&item) > 1;
                if !fits {
                    continue;
                }
                if wanted.contains(&found.count) {
                    let bytes = written::length(&ours).saturating_mul(HELD);
                    bindings.ctx.memory.hold(bytes)?;
                    found.rows.push(ours);
                }
                found.count += 1;
            }
            found.last = named.unwrap_or(found.last);
        }
        found.ended = ended;
        if ended {
            break;
        }
    }
    Ok(found)
}

fn name(unfold: &Unfold, row: &Value) -> String {
    let names = unfold.names.iter().filter_map(|at| row.pointer(at));
    let names: Vec<_> = names.map(plain).collect();
    names.join("/")
}

fn in_order(list: Option<Value>, by: &str) -> Vec<Value> {
    let Some(Value::Array(mut items)) = list else {
        return Vec::new();
    };
    items.retain(Value::is_object);
    items.sort_by_cached_key(|item| {
        let text = item.pointer(by).map(plain);
        text.map(std::borrow::Cow::into_owned)
    });
    items
}
