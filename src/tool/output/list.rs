//! The result of a search: the rows of one page, and what is left out of it.

use serde_json::{Map, Value, json};
use vocabulary::Output;

use super::cuts::Cuts;
use super::fields::object;
use super::link::put_link;
use super::members::{ITEMS, NOTE};
use crate::tool::bindings::{Bindings, at, plain};
use crate::tool::error::Error;
use crate::tool::{Unusable, written};

/// The answer to a search is not a page of rows.
pub(in crate::tool) const fn no_page() -> Error {
    Error::Unusable(Unusable::NotAPage)
}

pub(super) fn list(
    bindings: &Bindings<'_>,
    output: &Output,
    link: Option<&str>,
    fits: &dyn Fn(&Value) -> bool,
    main: &Value,
    cuts: &mut Cuts,
) -> Result<Map<String, Value>, Error> {
    let rows = output.rows.as_ref().and_then(|rows| at(main, rows));
    let Some(rows) = rows.and_then(Value::as_array) else {
        return Err(no_page());
    };
    let mut rows: Vec<&Value> = rows.iter().collect();
    let key = |row: &Value| -> Vec<String> {
        let texts = output.order.iter().map(|expr| bindings.get(expr, row));
        texts
            .map(|text| {
                text.map(|text| plain(text).into_owned())
                    .unwrap_or_default()
            })
            .collect()
    };
    if !output.order.is_empty() {
        rows.sort_by_cached_key(|row| key(row));
    }
    let number = |name: &str| bindings.arguments.get(name).and_then(Value::as_u64);
    let (page, size) = (number("page").unwrap_or(1), number("size").unwrap_or(25));
    let (mut items, mut dropped, mut bytes, mut left_out) = (Vec::new(), 0, 0, 0);
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    for row in rows.iter().take(most) {
        if !row.is_object() || !fits(row) {
            dropped += 1;
            continue;
        }
        let mut item = object(bindings, &output.fields, row, cuts)?;
        put_link(bindings, link, &mut item);
        let item = Value::Object(item);
        bytes += written::length(&item) + 1;
        // Room for what stands round the rows.
        if bytes > bindings.ctx.limits.result.saturating_sub(1024) {
            left_out += 1;
        } else {
            items.push(item);
        }
    }
    let past_the_end = rows.is_empty() && page > 1;
    let total = output.total.as_ref().and_then(|total| at(main, total));
    let total = total.and_then(Value::as_u64);
    let has_more = left_out > 0
        || match total {
            Some(total) => !rows.is_empty() && page.saturating_mul(size) < total,
            None => rows.len() >= most,
        };
    let mut result = Map::new();
    let shown = items.len();
    result.insert(ITEMS.into(), Value::Array(items));
    // A filter that Kestra did not apply makes its total wrong too.
    if let (Some(total), false, 0) = (total, past_the_end, dropped) {
        result.insert("total".into(), total.into());
    }
    result.insert("page".into(), page.into());
    result.insert("has_more".into(), has_more.into());
    if past_the_end {
        result.insert(NOTE.into(), "past the end".into());
    }
    if dropped > 0 {
        result.insert("dropped".into(), dropped.into());
    }
    if left_out > 0 {
        // With a smaller size the page after those shown begins at or before the first left out.
        let smaller = (shown as u64 / 2).max(1);
        let next = (page.saturating_sub(1).saturating_mul(size) + shown as u64) / smaller + 1;
        let truncated = json!({
            "bytes": bytes,
            "rows": left_out,
            "next": { "page": next, "size": smaller },
            "hint": "ask again with page and size of next",
        });
        result.insert("truncated".into(), truncated);
    }
    Ok(result)
}
