//! Saves a source: creates what is absent, replaces what was read before, and never the one for
//! the other.

mod change;
mod checks;
mod difference;
mod saving;
mod stored;

use serde_json::{Value, json};
use vocabulary::{Expr, Save};

use self::change::{Change, diff};
use self::checks::{agreed, named, validate, whole_name, without_mark};
use self::saving::Saving;
use self::stored::Stored;
use super::attach::finish;
use super::before;
use super::steps::{Path, Send};
use crate::tool::bindings::{Bindings, plain};
use crate::tool::clearance::{self, Cleared};
use crate::tool::error::Error;
use crate::tool::source::{self, Refusal};
use crate::tool::{CallCtx, Reply, validation};

/// The warning about a byte order mark.
const MARKED: &str = "The byte order mark before the source was left out.";

/// Validates, reads, writes once, reads again.
///
/// # Errors
/// See [`Error`]; [`Error::Conflict`] when something else is stored than the caller knows of.
pub(super) async fn run<S: Send>(
    path: &Path<'_, S>,
    ctx: &CallCtx,
    save: &'static Save,
) -> Result<Reply, Error> {
    let (arguments, marked) = without_mark(save, &path.call.arguments);
    let mut bindings = Bindings::new(ctx, &arguments);
    let source = text(&bindings, &save.document);
    let read = match source::read(&source) {
        Ok(document) => {
            named(save, &document.names)?;
            bindings.document = document.names.clone();
            let known = clearance::known(&bindings, path.tool)?;
            Ok((document, known))
        }
        Err(refusal @ Refusal::Rules(_)) => return Err(refusal.into()),
        // Kestra says that in its own words, and nothing is saved.
        Err(refusal @ Refusal::Syntax { .. }) => Err(refusal),
    };
    let known = read.as_ref().ok().map(|(document, _)| document);
    let validation = validate(path, &bindings, save, known, &source).await?;
    let mut warnings = validation::read(&validation, ctx)?;
    // Where Kestra reads what we cannot, it is refused for what we make of it.
    let (document, known) = read?;
    agreed(ctx, save, &document.names, &validation)?;
    warnings.extend(document.warnings);
    warnings.extend(marked.then(|| MARKED.to_owned()));
    let cleared = before::read(path, &mut bindings, known).await?.cleared()?;
    before::refuse(&bindings, path.tool)?;
    let preview = bindings
        .get(&save.preview, &Value::Null)
        .is_some_and(|preview| *preview == true);
    // Two saves of one object by this process cannot overtake each other between reading and
    // writing.
    let _saving = if preview {
        None
    } else {
        Some(Saving::of(ctx, &whole_name(save, &bindings.document)).await?)
    };
    let base = bindings
        .get(&save.base, &Value::Null)
        .and_then(Value::as_u64)
        // 0 means that the object is new.
        .filter(|base| *base > 0);
    let stored = stored(path, &bindings, save).await?;
    let mut told = match &stored {
        None if base.is_some() => {
            return Err(Error::Conflict {
                message: "It does not exist, so there is no revision to replace; leave base_revision out to create it.".into(),
                revision: None,
                diff: None,
            });
        }
        None if preview => json!({ "outcome": "preview", "would": "create" }),
        None => create(path, &bindings, save, &source, &cleared).await?,
        Some(stored) if stored.holds(save, &source) => {
            let outcome = if preview { "preview" } else { "unchanged" };
            json!({ "outcome": outcome, "would": preview.then_some("nothing"), "revision": stored.revision })
        }
        Some(stored) if preview && base.is_none() => json!({
            "outcome": "preview",
            "would": "update",
            "revision": stored.revision,
            "diff": diff(ctx, stored, &source),
            "note": format!("To replace it, pass base_revision {}.", stored.revision),
        }),
        Some(stored) if base != Some(stored.revision) => {
            return Err(Change::Exists.conflict(ctx, stored, &source));
        }
        Some(stored) if preview => json!({
            "outcome": "preview",
            "would": "update",
            "revision": stored.revision,
            "diff": diff(ctx, stored, &source),
        }),
        Some(stored) => update(path, &bindings, save, stored, &source, &cleared).await?,
    };
    if let Some(members) = told.as_object_mut() {
        members.insert("warnings".into(), warnings.into());
    }
    bindings.tell(told);
    let main = stored.map_or(Value::Null, |stored| stored.value);
    finish(path, &mut bindings, main, None, &cleared).await
}

fn text(bindings: &Bindings<'_>, expr: &Expr) -> String {
    bindings
        .get(expr, &Value::Null)
        .map(|text| plain(text).into_owned())
        .unwrap_or_default()
}

async fn stored<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    save: &Save,
) -> Result<Option<Stored>, Error> {
    match path.read(bindings, "read").await {
        Ok(value) => Ok(Some(Stored::of(save, value))),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates. What turns out to exist is not replaced.
async fn create<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    save: &'static Save,
    source: &str,
    cleared: &Cleared,
) -> Result<Value, Error> {
    let sent = path.change(bindings, "create", cleared).await;
    let change = Change::of(&sent);
    match sent {
        // Kestra answers this for an existing object too.
        Err(
            refusal @ Error::Upstream {
                status: 409 | 422, ..
            },
        ) => {
            return match stored(path, bindings, save).await {
                Ok(Some(now)) if now.holds(save, source) => Ok(json!({
                    "outcome": "unchanged",
                    "revision": now.revision,
                    "note": "Somebody else saved the same source at the same moment.",
                })),
                Ok(Some(now)) => Err(Change::Exists.conflict(bindings.ctx, &now, source)),
                _ => Err(refusal),
            };
        }
        Err(error) if change != Change::Lost => return Err(error),
        _ => {}
    }
    match (read_again(path, bindings, save).await?, change) {
        (Some(now), _) if now.holds(save, source) => Ok(json!({
            "outcome": "created",
            "revision": now.revision,
            "note": change.note(),
        })),
        (Some(now), _) => Err(change.conflict(bindings.ctx, &now, source)),
        (None, Change::Lost) => Err(Error::OutcomeUnknown { advice: &save.next }),
        (None, _) => Ok(
            json!({ "outcome": "created", "note": "It is not readable yet; Kestra may take some seconds, unless somebody has just deleted it." }),
        ),
    }
}

/// Replaces the object that was just read, and reports a save that came in between.
async fn update<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    save: &'static Save,
    before: &Stored,
    source: &str,
    cleared: &Cleared,
) -> Result<Value, Error> {
    let sent = path.change(bindings, "update", cleared).await;
    let change = Change::of(&sent);
    match sent {
        // It was there a moment ago. Whether to create it again is for the caller to say.
        Err(absent @ Error::NotFound { .. }) => {
            return Err(match stored(path, bindings, save).await {
                Ok(None) => deleted(before.revision),
                _ => absent,
            });
        }
        Err(error) if change == Change::Saved => return Err(error),
        _ => {}
    }
    let diff = diff(bindings.ctx, before, source);
    match (read_again(path, bindings, save).await?, change) {
        (Some(now), _) if now.holds(save, source) => {
            let expected = before.revision.saturating_add(1);
            let note = (now.revision != expected).then(|| {
                format!("The revision is {} where {expected} was expected: somebody else saved it at the same moment. Read their revision before you go on.", now.revision)
            });
            let note = note.or_else(|| change.note().map(str::to_owned));
            Ok(
                json!({ "outcome": "updated", "revision": now.revision, "diff": diff, "note": note }),
            )
        }
        (Some(now), _) if now.revision > before.revision => {
            Err(change.conflict(bindings.ctx, &now, source))
        }
        (_, Change::Lost) => Err(Error::OutcomeUnknown { advice: &save.next }),
        _ => Ok(json!({
            "outcome": "updated",
            "diff": diff,
            "note": "Kestra took it, but the new revision is not readable yet; it may take some seconds, unless somebody has just deleted it.",
        })),
    }
}

fn deleted(revision: u64) -> Error {
    Error::Conflict {
        message: format!(
            "Somebody else deleted it after revision {revision} was read, so nothing was saved. Leave base_revision out to create it again."
        ),
        revision: None,
        diff: None,
    }
}

async fn read_again<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    save: &'static Save,
) -> Result<Option<Stored>, Error> {
    let name = if save.after.is_some() {
        "after"
    } else {
        "read"
    };
    let found = path.read_back(bindings, name).await?;
    Ok(found.ok().map(|value| Stored::of(save, value)))
}
