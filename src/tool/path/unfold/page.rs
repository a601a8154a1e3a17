//! One page of a search.

use serde_json::{Value, json};

use crate::tool::bindings::Bindings;
use crate::tool::error::Error;
use crate::tool::output;
use crate::tool::path::steps::{Path, Send};

/// Rows of a page of the table; as many are kept of an answer.
pub(super) const SIZE: u64 = 100;
/// The memory of a row, as a multiple of its JSON.
pub(super) const HELD: usize = 4;
/// The step that says which page of a search is read, and of which row of it the table is asked.
pub(super) const UNFOLD: &str = "unfold";

/// A page of a search, and whether it is the last.
pub(super) async fn page_of<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    step: &str,
    (number, size): (u64, u64),
) -> Result<(Vec<Value>, bool), Error> {
    let page = json!({ "page": number, "size": size });
    bindings.steps.insert(UNFOLD, page);
    let mut answer = path.read(bindings, step).await?;
    let output = &path.tool.entry.output;
    let total = output.total.as_ref().and_then(|at| answer.pointer(at));
    let total = total.and_then(Value::as_u64);
    let rows = output.rows.as_ref().and_then(|at| answer.pointer_mut(at));
    let Some(Value::Array(rows)) = rows.map(Value::take) else {
        return Err(output::no_page());
    };
    let ended = rows.is_empty()
        || match total {
            Some(total) => number.saturating_mul(size) >= total,
            None => (rows.len() as u64) < size,
        };
    Ok((rows, ended))
}
