//! Saves a source: creates what is absent, replaces what was read before, and never the one for
//! the other.

use serde_json::{Value, json};

use super::{Steps, finish, refuse, run};
use crate::tool::document::{self, Refusal};
use crate::tool::error::{Error, Fault};
use crate::tool::scope::{Expr, Scope, plain};
use crate::tool::validation;
use crate::tool::{Call, CallCtx, Reply, cut};

/// How a source is saved.
#[derive(Clone, Copy, Debug)]
pub struct Upsert {
    /// The source.
    pub document: Expr,
    /// The revision that may be replaced.
    pub base: Expr,
    /// Whether nothing is to be sent.
    pub preview: Expr,
    /// Where the stored source stands.
    pub stored: &'static str,
    /// Where its revision stands.
    pub revision: &'static str,
    /// Texts of the document that must be there, with the pattern of an argument of that name.
    pub names: &'static [&'static str],
    /// How to see what there is, for the model.
    pub next: &'static str,
}

/// Bytes of a difference that is shown.
const DIFF: usize = 4_000;
/// One save at a time: two of this process cannot overtake each other between reading and writing.
static SAVING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What there was.
struct Stored {
    value: Value,
    revision: u64,
    source: String,
}

/// Validates, reads, writes once, reads again.
///
/// # Errors
/// See [`Error`]; [`Error::Conflict`] when something else is stored than the caller knows of.
pub async fn upsert<S: Steps>(ctx: &CallCtx, steps: &S, call: &Call) -> Result<Reply, Error> {
    let mut scope = Scope::new(ctx, &call.arguments);
    let Some(upsert) = S::PLAN.upsert else {
        return Err(Error::Internal("nothing to save".into()));
    };
    let source = text(&scope, &upsert.document);
    let top = document::read(&source);
    if let Err(Refusal::Rules(faults)) = top {
        return Err(Error::Invalid {
            faults,
            inputs: false,
        });
    }
    if let Ok(top) = &top {
        names(upsert, top)?;
    }
    let warnings = match run(steps, &scope, "validate").await {
        Ok(answer) => validation::read(&answer, ctx)?,
        Err(error) => return Err(error),
    };
    scope.document = match top {
        Ok(top) => top,
        // Kestra reads what we cannot: say what we make of it.
        Err(Refusal::Syntax {
            message,
            line,
            column,
        }) => {
            return Err(Error::invalid(
                "source",
                format!("YAML; line {line}, column {column}: {message}"),
            ));
        }
        Err(Refusal::Rules(faults)) => {
            return Err(Error::Invalid {
                faults,
                inputs: false,
            });
        }
    };
    refuse::<S>(&scope)?;
    let _saving = SAVING.lock().await;
    let base = scope
        .get(&upsert.base, &Value::Null)
        .and_then(|base| base.as_u64());
    let preview = scope
        .get(&upsert.preview, &Value::Null)
        .is_some_and(|preview| *preview == true);
    let stored = stored(steps, &scope, upsert).await?;
    let told = match &stored {
        None if base.is_some() => {
            return Err(Error::Conflict {
                message: "It does not exist, so there is no revision to replace; leave base_revision out to create it.".into(),
                revision: None,
                diff: None,
            });
        }
        None if preview => json!({ "outcome": "preview", "would": "create" }),
        None => create(steps, &scope, upsert, &source).await?,
        Some(stored) if stored.source == source => {
            let outcome = if preview { "preview" } else { "unchanged" };
            json!({ "outcome": outcome, "would": preview.then_some("nothing"), "revision": stored.revision })
        }
        Some(stored) if preview => json!({
            "outcome": "preview",
            "would": "update",
            "revision": stored.revision,
            "diff": diff(ctx, stored, &source),
        }),
        Some(stored) if base != Some(stored.revision) => {
            return Err(conflict(ctx, stored, &source));
        }
        Some(stored) => update(steps, &scope, upsert, stored, &source).await?,
    };
    let mut told = told;
    if let Some(members) = told.as_object_mut() {
        members.insert("warnings".into(), warnings.into());
    }
    scope.steps.insert("outcome", told);
    let main = stored.map_or(Value::Null, |stored| stored.value);
    finish(steps, &mut scope, "read", main).await
}

fn text(scope: &Scope<'_>, expr: &Expr) -> String {
    scope
        .get(expr, &Value::Null)
        .map(|text| plain(&text).into_owned())
        .unwrap_or_default()
}

/// The texts that name the object must be there: they become path segments.
fn names(upsert: &Upsert, top: &Value) -> Result<(), Error> {
    let missing = upsert
        .names
        .iter()
        .filter(|name| top.get(**name).and_then(Value::as_str).is_none());
    let faults: Vec<Fault> = missing
        .map(|name| Fault::new("source", format!("a text under the top-level key `{name}`")))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid {
            faults,
            inputs: false,
        })
    }
}

async fn stored<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
) -> Result<Option<Stored>, Error> {
    match run(steps, scope, "read").await {
        Ok(value) => {
            let revision = value
                .pointer(upsert.revision)
                .and_then(Value::as_u64)
                .unwrap_or_default();
            let source = value
                .pointer(upsert.stored)
                .map(|source| plain(source).into_owned());
            Ok(Some(Stored {
                revision,
                source: source.unwrap_or_default(),
                value,
            }))
        }
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates. What turns out to exist is not replaced.
async fn create<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
    source: &str,
) -> Result<Value, Error> {
    let sent = run(steps, scope, "create").await;
    let unknown = matches!(sent, Err(Error::OutcomeUnknown { .. }));
    let exists = matches!(
        sent,
        Err(Error::Upstream {
            status: 409 | 422,
            ..
        })
    );
    if let (Err(error), false) = (sent, unknown || exists) {
        return Err(error);
    }
    match read_back(steps, scope, upsert).await {
        Some(now) if now.source == source => Ok(json!({
            "outcome": "created",
            "revision": now.revision,
            "note": (unknown || exists).then_some("Kestra's answer was lost or refused, but this source is what it stores now."),
        })),
        Some(now) => Err(conflict(scope.ctx, &now, source)),
        None if unknown => Err(Error::OutcomeUnknown {
            advice: upsert.next,
        }),
        None if exists => Err(Error::Upstream {
            status: 422,
            message: "Kestra refused to create it, and nothing is stored.".into(),
            detail: String::new(),
        }),
        None => Ok(
            json!({ "outcome": "created", "note": "It is not readable yet; Kestra may take some seconds." }),
        ),
    }
}

/// Replaces what was just read, and tells when somebody else came between.
async fn update<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    upsert: &Upsert,
    before: &Stored,
    source: &str,
) -> Result<Value, Error> {
    let sent = run(steps, scope, "update").await;
    let unknown = matches!(sent, Err(Error::OutcomeUnknown { .. }));
    if let (Err(error), false) = (sent, unknown) {
        return Err(error);
    }
    let diff = diff(scope.ctx, before, source);
    match read_back(steps, scope, upsert).await {
        Some(now) if now.source == source => {
            let expected = before.revision + 1;
            let note = (now.revision != expected).then(|| {
                format!("The revision is {} where {expected} was expected: somebody else saved it at the same moment. Read their revision before you go on.", now.revision)
            });
            Ok(
                json!({ "outcome": "updated", "revision": now.revision, "diff": diff, "note": note }),
            )
        }
        Some(now) if !unknown || now.revision > before.revision => {
            Err(conflict(scope.ctx, &now, source))
        }
        _ => Err(Error::OutcomeUnknown {
            advice: upsert.next,
        }),
    }
}

async fn read_back<S: Steps>(steps: &S, scope: &Scope<'_>, upsert: &Upsert) -> Option<Stored> {
    let name = if S::PLAN.steps.iter().any(|step| step.name == "after") {
        "after"
    } else {
        "read"
    };
    let value = run(steps, scope, name).await.ok()?;
    let revision = value
        .pointer(upsert.revision)
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let source = value
        .pointer(upsert.stored)
        .map(|source| plain(source).into_owned());
    Some(Stored {
        revision,
        source: source.unwrap_or_default(),
        value,
    })
}

fn conflict(ctx: &CallCtx, stored: &Stored, source: &str) -> Error {
    Error::Conflict {
        message: format!(
            "It exists at revision {0} and differs. Read it, then pass base_revision {0} to replace it.",
            stored.revision
        ),
        revision: Some(stored.revision),
        diff: Some(diff(ctx, stored, source)),
    }
}

/// What saving `source` would change, as a unified diff.
fn diff(ctx: &CallCtx, stored: &Stored, source: &str) -> String {
    let diff = similar::TextDiff::from_lines(stored.source.as_str(), source);
    let text = diff
        .unified_diff()
        .context_radius(2)
        .header("stored", "given")
        .to_string();
    cut::text(&cut::clean(&text, &ctx.secrets), DIFF).0
}
