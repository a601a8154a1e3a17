//! What is read before anything changes, and what follows from it: a miss, a refusal, nothing to do.

use serde_json::{Value, json};
use vocabulary::tool::VALUES;
use vocabulary::visit::Visit as _;
use vocabulary::{Near, Needless, Step};

use super::steps::{Path, Send};
use crate::tool::bindings::{Bindings, at};
use crate::tool::clearance::Known;
use crate::tool::error::Error;
use crate::tool::{Tool, near, output};

/// Reads it, in order; policy is asked as soon as an answer says what the call is about.
///
/// # Errors
/// See [`Error`].
pub(super) async fn read<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    mut known: Known,
) -> Result<Known, Error> {
    for (name, step) in &path.tool.entry.before {
        let held = step
            .permission
            .is_none_or(|needed| bindings.ctx.may(needed));
        if !held || !bindings.holds(&step.when, &Value::Null) {
            continue;
        }
        let read = present(path.tool, step, path.read(bindings, name).await);
        match read {
            Ok(value) => {
                bindings.steps.insert(name, value);
            }
            Err(Error::NotFound { .. }) if step.optional => {}
            Err(error) => return Err(missing(path, bindings, step, error).await),
        }
        known = known.after(name, bindings, path.tool)?;
    }
    values(bindings, path.tool)?;
    Ok(known)
}

/// Makes what the manifest calls by a name of its own, in order.
fn values(bindings: &mut Bindings<'_>, tool: &'static Tool) -> Result<(), Error> {
    for (name, make) in &tool.entry.values {
        let value = output::value(bindings, make, &Value::Null)?;
        let made = bindings.steps.entry(VALUES).or_insert_with(|| json!({}));
        if let (Some(made), Some(value)) = (made.as_object_mut(), value) {
            made.insert(name.clone(), value);
        }
    }
    Ok(())
}

/// What was deleted is as good as absent.
fn present(tool: &'static Tool, step: &Step, read: Result<Value, Error>) -> Result<Value, Error> {
    let value = read?;
    let gone = step.gone.as_ref().and_then(|gone| at(&value, gone));
    if gone == Some(&Value::Bool(true)) {
        return Err(Error::NotFound {
            kind: &tool.entry.kind,
            near: Vec::new(),
        });
    }
    Ok(value)
}

/// A miss with what the caller may have meant; any other error as it is.
pub(super) async fn missing<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    step: &'static Step,
    error: Error,
) -> Error {
    let (Error::NotFound { kind, .. }, Some(near)) = (&error, path.tool.near) else {
        return error;
    };
    let kind = *kind;
    let asks = asks(step, near);
    if asks && let Some(latest) = latest(path, bindings, near) {
        return Error::NoRevision { kind, latest };
    }
    match near::enrich(path, bindings, error).await {
        // What a search still knows, and nobody can read any more.
        Error::NoRevision { kind, .. } if !asks => Error::NotFound {
            kind,
            near: Vec::new(),
        },
        error => error,
    }
}

/// Whether `step` asks for the revision that was asked for.
fn asks(step: &Step, near: &Near) -> bool {
    let mut found = false;
    for bind in step.bind.values() {
        bind.expressions(&mut |expr| found |= Some(expr) == near.asked.as_ref());
    }
    found
}

/// The latest revision of the object, where an earlier answer says it and another was asked for.
fn latest<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    near: &'static Near,
) -> Option<u64> {
    bindings.get(near.asked.as_ref()?, &Value::Null)?;
    let same = path.same().filter(|same| !same.is_empty())?;
    let revision = near.revision.as_ref()?;
    let mut read = path.tool.entry.before.keys();
    read.find_map(|name| {
        let value = bindings.steps.get(name.as_str())?;
        let revision = at(value, revision)?.as_u64()?;
        bindings.same(value, same).then_some(revision)
    })
}

/// Refuses a call by the rules of the manifest.
pub(super) fn refuse(bindings: &Bindings<'_>, tool: &'static Tool) -> Result<(), Error> {
    let mut rules = tool.entry.refuse.iter();
    match rules.find(|rule| bindings.holds(&rule.when, &Value::Null)) {
        Some(rule) => Err(Error::Refused {
            message: bindings.say(&rule.message, &[]),
        }),
        None => Ok(()),
    }
}

/// What makes the act needless, once that is told.
pub(super) fn needless(
    bindings: &mut Bindings<'_>,
    tool: &'static Tool,
) -> Option<&'static Needless> {
    let needless = &tool.entry.needless.as_ref()?.node;
    if !bindings.holds(&needless.when, &Value::Null) {
        return None;
    }
    let note = needless.note.as_ref().map(|note| bindings.say(note, &[]));
    bindings.tell(json!({ "outcome": needless.outcome, "note": note }));
    Some(needless)
}
