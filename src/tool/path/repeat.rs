//! A repeated call whose first answer was lost does not act again: it watches what the first one began.

use std::sync::Arc;

use serde_json::{Value, json};
use vocabulary::Settle;

use super::elsewhere;
use super::steps::{Path, Send};
use crate::tool::bindings::Bindings;
use crate::tool::delivery::Started;
use crate::tool::error::Error;
use crate::tool::unanswered::Act;
use crate::tool::{CallCtx, cut};

/// Bytes of an id as it is named; no id of Kestra's has as many.
const ID: usize = 100;

/// What is said where Kestra names no id.
const UNNAMED: &str = "List what there is before you try again.";

/// What a call like this one began.
pub(super) struct Begun {
    pub(super) id: Arc<str>,
    /// It says for the length of this call how long ago that was.
    pub(super) act: Act,
}

/// What a call like this one began whose answer nobody took, of a tool that names what it begins.
///
/// # Errors
/// [`Error::Busy`] when that call does not end in time, [`Error::OutcomeUnknown`], [`Error::Cancelled`].
pub(super) async fn begun<S: Send>(
    path: &Path<'_, S>,
    ctx: &CallCtx,
) -> Result<Option<Begun>, Error> {
    if id_of(path).is_none() {
        return Ok(None);
    }
    let repeat = ctx.repeat.as_ref();
    let Some(act) = repeat.and_then(|repeat| repeat.find(&ctx.delivery, &ctx.clock)) else {
        return Ok(None);
    };
    let id = tokio::select! {
        id = act.id() => id?,
        () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
        () = tokio::time::sleep(ctx.left()) => {
            let name = format!("this {}", path.tool.kind);
            return Err(Error::Busy { name });
        }
    };
    Ok(id.map(|id| Begun { id, act }))
}

fn id_of<S: Send>(path: &Path<'_, S>) -> Option<&'static str> {
    let settle = path.tool.entry.settle.as_ref()?;
    settle.id.as_deref()
}

/// This call acts: another like it finds out what came of that.
pub(super) fn begin<S: Send>(path: &Path<'_, S>, ctx: &CallCtx) -> Option<Act> {
    id_of(path)?;
    let repeat = ctx.repeat.as_ref()?;
    Some(repeat.begin(&ctx.delivery, &ctx.clock))
}

/// Tells calls like this one what came of `acted`: where the manifest says so, it must name an id.
///
/// # Errors
/// The error of `acted`, or [`Error::OutcomeUnknown`] when no id is named.
pub(super) fn named(
    settle: &'static Settle,
    act: Option<&Act>,
    acted: Result<Value, Error>,
) -> Result<Value, Error> {
    let Some(at) = &settle.id else {
        return acted;
    };
    let acted = acted.and_then(|value| {
        if value.pointer(at).and_then(Value::as_str).is_some() {
            return Ok(value);
        }
        let advice = settle.say.unnamed.as_deref().unwrap_or(UNNAMED);
        Err(Error::OutcomeUnknown { advice })
    });
    match (&acted, act) {
        (Ok(value), Some(act)) => {
            let id = value.pointer(at).and_then(Value::as_str);
            if let Some(id) = id.filter(|id| id.len() <= ID) {
                act.begun(id);
            }
        }
        (Err(error), Some(act)) => act.failed(error),
        (_, None) => {}
    }
    acted
}

/// Every answer names from now on what `acted` says was begun.
pub(super) fn start<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
    settle: &'static Settle,
    acted: &Value,
) {
    let Some(at) = &settle.id else {
        return;
    };
    if let Some(id) = acted.pointer(at).and_then(Value::as_str) {
        let ctx = bindings.ctx;
        ctx.delivery.start(Started {
            name: elsewhere::name(path.tool, at, None),
            id: cut::text(&cut::clean(id, &ctx.secrets), ID).0.into(),
            next: &settle.next,
        });
    }
}

/// What the act would have answered that began `id`.
pub(super) fn answer(settle: &Settle, id: &str) -> Value {
    let at = settle.id.as_deref().unwrap_or_default();
    let names = at.rsplit('/').filter(|name| !name.is_empty());
    names.fold(Value::from(id), |inner, name| json!({ name: inner }))
}
