//! Candidates for a miss: objects that the caller may have meant.

use std::time::{Duration, Instant};

use serde_json::Value;
use vocabulary::Near;

use super::bindings::{Bindings, at, plain};
use super::error::Error;
use super::output;
use super::path::{Path, Send};

/// Unlike the wanted id by more than this is no candidate.
const LIKENESS: f64 = 0.7;

/// A miss is reported at once, rather than with candidates that take long to find.
const PATIENCE: Duration = Duration::from_secs(3);

/// `missing` with candidates; any other error as it is. A search that fails finds nothing.
pub(super) async fn enrich<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    missing: Error,
) -> Error {
    let (Error::NotFound { kind, .. }, Some(near)) = (&missing, path.tool.near) else {
        return missing;
    };
    let kind = *kind;
    let wanted = bindings.get(&near.wanted, &Value::Null);
    let Some(wanted) = wanted.map(|id| plain(id).to_lowercase()) else {
        return missing;
    };
    let until = Instant::now() + PATIENCE;
    let mut found: Vec<(f64, Value)> = Vec::new();
    for (name, query) in &near.query {
        if !bindings.holds(&query.when, &Value::Null) {
            continue;
        }
        let left = until.saturating_duration_since(Instant::now());
        let search = tokio::time::timeout(left, path.candidates(bindings, name));
        let Ok(Ok(rows)) = search.await else {
            continue;
        };
        for row in &rows {
            let Some(id) = at(row, &near.id) else {
                continue;
            };
            if let Some(same) = path.same().filter(|same| !same.is_empty())
                && bindings.same(row, same)
                && let Some(latest) = latest(bindings, near, row)
            {
                return Error::NoRevision { kind, latest };
            }
            let likeness = strsim::jaro_winkler(&plain(id).to_lowercase(), &wanted);
            if likeness <= LIKENESS {
                continue;
            }
            if let Ok(shown) = output::fields(bindings, &near.fields, row)
                && !found.iter().any(|(_, known)| *known == shown)
            {
                found.push((likeness, shown));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(near.limit);
    Error::NotFound {
        kind,
        near: found.into_iter().map(|(_, shown)| shown).collect(),
    }
}

/// The latest revision of the object in `row`, where one was asked for.
fn latest(bindings: &Bindings<'_>, near: &Near, row: &Value) -> Option<u64> {
    bindings.get(near.asked.as_ref()?, &Value::Null)?;
    at(row, near.revision.as_ref()?)?.as_u64()
}
