//! Rows that stand in the rows of a search, such as the triggers of flows: the search is read page
//! by page up to a bound, and each row is joined with what a table says of it.

mod join;

use std::time::Duration;

use serde_json::{Map, Value, json};

pub use self::join::Join;
use self::join::join;
use super::{Steps, checks, finish, refuse, run};
use crate::tool::error::Error;
use crate::tool::filter::Check;
use crate::tool::output;
use crate::tool::project::weight;
use crate::tool::scope::{Expr, Scope, plain};
use crate::tool::{Call, CallCtx, Internal, Reply};

/// Rows of a page of the table; as many are kept of an answer.
const SIZE: u64 = 100;
/// No further page of the search is begun with less time left than this: the table is read after it.
const FOR_A_PAGE: Duration = Duration::from_secs(10);
/// What a row that is held takes in memory, as a multiple of its JSON.
const HELD: usize = 4;

/// Which rows stand where.
#[derive(Clone, Copy, Debug)]
pub struct Unfold {
    /// Where the rows of a page of the search, and of the table, stand.
    pub rows: &'static str,
    /// Where its total stands.
    pub total: &'static str,
    /// A row of the search is under this member of each of ours.
    pub of: &'static str,
    /// By what it is named.
    pub names: &'static [&'static str],
    /// The list in it.
    pub list: &'static str,
    /// An item of the list is under this member.
    pub item: &'static str,
    /// By what items are put in order.
    pub by: &'static str,
    /// What every row of ours must meet.
    pub checks: &'static [Check],
    /// Which page was asked for.
    pub page: Expr,
    /// How many rows a page has.
    pub size: Expr,
    /// How many rows of the search are read at a time: few, so that there is room for long lists.
    pub batch: u64,
    /// How many times one call may read.
    pub pages: u64,
    /// How to see what was not read, for the model.
    pub next: &'static str,
    /// What else belongs to a row.
    pub join: Join,
}

/// What was found.
#[derive(Default)]
struct Found {
    /// The rows of the page that was asked for.
    rows: Vec<Value>,
    /// How many fit, as far as they were read.
    count: u64,
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
pub async fn unfold<S: Steps>(ctx: &CallCtx, steps: &S, call: &Call) -> Result<Reply, Error> {
    let Some(unfold) = S::PLAN.unfold else {
        return Err(Internal::NoPlan("unfold").into());
    };
    let mut scope = Scope::new(ctx, &call.arguments);
    refuse::<S>(&scope)?;
    let mut found = read(steps, &mut scope, unfold).await?;
    let unread = join(steps, &mut scope, unfold, &mut found.rows).await?;
    let mut main = Map::new();
    let mut put = |at: &str, value: Value| main.insert(at.trim_start_matches('/').into(), value);
    put(unfold.rows, std::mem::take(&mut found.rows).into());
    put(unfold.total, found.count.into());
    let Reply(mut result) = finish(steps, &mut scope, "unfold", main.into()).await?;
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
        if !self.ended {
            result.remove("total");
            let (read, of, last, next) = (self.read, unfold.of, &self.last, unfold.next);
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

async fn read<S: Steps>(steps: &S, scope: &mut Scope<'_>, unfold: &Unfold) -> Result<Found, Error> {
    let number = |expr: &Expr| scope.get(expr, &Value::Null)?.as_u64();
    let page = number(&unfold.page).unwrap_or(1);
    let size = number(&unfold.size).unwrap_or(25);
    let from = page.saturating_sub(1).saturating_mul(size);
    let wanted = from..from.saturating_add(size);
    let mut found = Found::default();
    for number in 1..=unfold.pages {
        if number > 1 && scope.ctx.left() < FOR_A_PAGE {
            break;
        }
        let (rows, ended) = page_of(steps, scope, "call", (number, unfold.batch), unfold).await?;
        found.lost |= !scope.ctx.memory.lost().is_empty();
        for mut row in rows {
            if !scope.fits(&row, checks::<S>("call")) {
                continue;
            }
            let list = row.pointer_mut(unfold.list).map(Value::take);
            found.read += 1;
            found.last = name(unfold, &row);
            for item in in_order(list, unfold.by) {
                found.lost |= weight(&item) > 1;
                let ours = json!({ unfold.of: row, unfold.item: item });
                if !scope.fits(&ours, unfold.checks) {
                    continue;
                }
                if wanted.contains(&found.count) {
                    let bytes = ours.to_string().len().saturating_mul(HELD);
                    scope.ctx.memory.hold(bytes)?;
                    found.rows.push(ours);
                }
                found.count += 1;
            }
        }
        found.ended = ended;
        if ended {
            break;
        }
    }
    Ok(found)
}

/// A page of a search, and whether it is the last.
async fn page_of<S: Steps>(
    steps: &S,
    scope: &mut Scope<'_>,
    step: &'static str,
    (number, size): (u64, u64),
    unfold: &Unfold,
) -> Result<(Vec<Value>, bool), Error> {
    let page = json!({ "page": number, "size": size });
    scope.steps.insert("unfold", page);
    let mut answer = run(steps, scope, step).await?;
    let total = answer.pointer(unfold.total).and_then(Value::as_u64);
    let Some(Value::Array(rows)) = answer.pointer_mut(unfold.rows).map(Value::take) else {
        return Err(output::no_page());
    };
    let ended = rows.is_empty()
        || match total {
            Some(total) => number.saturating_mul(size) >= total,
            None => (rows.len() as u64) < size,
        };
    Ok((rows, ended))
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
