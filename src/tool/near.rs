//! Candidates for a miss: objects that the caller may have meant.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::Error;
use super::output::{self, Field};
use super::scope::{Expr, Scope, plain};
use super::strategy::{self, Steps};

/// Unlike the wanted id by more than this is no candidate.
const LIKENESS: f64 = 0.7;

/// A miss is told at once, rather than with candidates that take long to find.
const PATIENCE: Duration = Duration::from_secs(3);

/// How candidates are found and shown.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    /// The id that was asked for.
    pub wanted: Expr,
    /// Where a row's id stands.
    pub id: &'static str,
    /// The revision that was asked for, and where a row's latest stands.
    pub revision: Option<(Expr, &'static str)>,
    /// How many are shown.
    pub limit: usize,
    /// What is shown of each.
    pub fields: &'static [Field],
    /// The steps that look for them.
    pub queries: &'static [&'static str],
    /// Where the object itself would be recognised: it exists, but not as asked.
    pub same: &'static [(&'static str, Expr)],
}

/// `missing` with candidates; any other error as it is. A search that fails finds nothing.
pub(super) async fn enrich<S: Steps>(steps: &S, scope: &mut Scope<'_>, missing: Error) -> Error {
    let (Error::NotFound { kind, .. }, Some(near)) = (&missing, S::PLAN.near) else {
        return missing;
    };
    let kind = *kind;
    let Some(wanted) = scope
        .get(&near.wanted, &Value::Null)
        .map(|id| plain(&id).to_lowercase())
    else {
        return missing;
    };
    let until = Instant::now() + PATIENCE;
    let mut found: Vec<(f64, Value)> = Vec::new();
    for query in near.queries {
        let step = S::PLAN.steps.iter().find(|step| step.name == *query);
        if !step.is_some_and(|step| scope.holds(&step.when, &Value::Null)) {
            continue;
        }
        let left = until.saturating_duration_since(Instant::now());
        let search = tokio::time::timeout(left, strategy::run(steps, scope, query));
        let Ok(Ok(answer)) = search.await else {
            continue;
        };
        // The object itself, or those that a search gives.
        let rows = match &answer {
            Value::Array(rows) => rows.as_slice(),
            one => std::slice::from_ref(one),
        };
        for row in rows {
            let Some(id) = row.pointer(near.id) else {
                continue;
            };
            if scope.same(row, near.same)
                && !near.same.is_empty()
                && let Some(latest) = latest(scope, near, row)
            {
                return Error::NoRevision { kind, latest };
            }
            let likeness = strsim::jaro_winkler(&plain(id).to_lowercase(), &wanted);
            if likeness <= LIKENESS {
                continue;
            }
            if let Ok(shown) = output::fields(scope, near.fields, row)
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
fn latest(scope: &Scope<'_>, near: &Near, row: &Value) -> Option<u64> {
    let (asked, pointer) = near.revision.as_ref()?;
    scope.get(asked, &Value::Null)?;
    row.pointer(pointer)?.as_u64()
}
