//! The main request of a tool, and the result of it.

use serde_json::{Value, json};
use vocabulary::tool::{ACT, SETTLE};
use vocabulary::{Settle, Step, Text, tool};

use super::attach::finish;
use super::repeat::{self, Begun};
use super::steps::{Path, Send};
use super::{before, settle};
use crate::tool::bindings::Bindings;
use crate::tool::clearance::{Cleared, Known};
use crate::tool::error::Error;
use crate::tool::unanswered::Act;
use crate::tool::{Reply, Request};

/// An act that was made.
struct Acted {
    /// Its answer, or why nothing good is known of it.
    result: Result<Value, Error>,
    /// A call like this one made it, so long ago in seconds.
    repeated: Option<u64>,
    /// What calls like this one find of it.
    act: Option<Act>,
}

/// Acts once, unless a call like this one has, then watches what becomes of it where the manifest
/// says so. Whatever happens after the act, the answer says what was done.
///
/// # Errors
/// See [`Error`].
pub(super) async fn run<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    known: Known,
    begun: Option<Begun>,
) -> Result<Reply, Error> {
    let settle = path.tool.entry.settle.as_ref();
    let (acted, cleared, step) = match (begun, settle) {
        (Some(begun), Some(settle)) => (before_now(settle, begun), known.cleared()?, None),
        _ => now(path, bindings, known).await?,
    };
    // Until the end of this call: it says how long ago that was.
    let _act = acted.act;
    let Some(settle) = settle else {
        let main = acted.result?;
        if let Some(outcome) = &path.tool.entry.outcome {
            bindings.tell(json!({ "outcome": outcome }));
        }
        return finish(path, bindings, main, step, &cleared).await;
    };
    if let Ok(value) = &acted.result {
        repeat::start(path, bindings, settle, value);
        bindings.steps.insert(ACT, value.clone());
    }
    let main = match &settle.state {
        Some(state) => {
            settle::watched(path, bindings, settle, state, acted.result, acted.repeated).await?
        }
        None => read_once(path, bindings, settle, acted.result?).await?,
    };
    finish(path, bindings, main, None, &cleared).await
}

/// What another call did.
fn before_now(settle: &'static Settle, begun: Begun) -> Acted {
    let Begun { id, act } = begun;
    Acted {
        result: Ok(repeat::answer(settle, &id)),
        repeated: Some(act.age()),
        act: Some(act),
    }
}

/// Acts, unless the client of a call like this one has left only now; with what policy says of it,
/// and the step.
async fn now<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    known: Known,
) -> Result<(Acted, Cleared, Option<&'static Step>), Error> {
    let (name, request) = chosen(path, bindings)?;
    let step = request.step;
    let mut acted = Acted {
        result: Ok(Value::Null),
        repeated: None,
        act: None,
    };
    if request.reads {
        let main = match path.read(bindings, &name).await {
            Ok(main) => main,
            Err(error) => {
                let error = refused(bindings, step, error);
                return Err(before::missing(path, bindings, step, error).await);
            }
        };
        // Policy is asked before anything of it is told; then it stands in one place.
        bindings.steps.insert(ACT, main);
        let known = known.after(ACT, bindings, path.tool)?;
        acted.result = Ok(bindings.steps.remove(ACT).unwrap_or_default());
        return Ok((acted, known.cleared()?, Some(step)));
    }
    let cleared = known.cleared()?;
    if bindings.ctx.cancel.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let settle = path.tool.entry.settle.as_ref();
    if let Some(settle) = settle
        && let Some(begun) = repeat::begun(path, bindings.ctx).await?
    {
        return Ok((before_now(settle, begun), cleared, Some(step)));
    }
    acted.act = repeat::begin(path, bindings.ctx);
    let changed = path.change(bindings, &name, &cleared).await;
    let changed = changed.map_err(|error| refused(bindings, step, error));
    acted.result = match settle {
        Some(settle) => repeat::named(settle, acted.act.as_ref(), changed),
        None => changed,
    };
    Ok((acted, cleared, Some(step)))
}

/// The first act whose condition holds, with its name.
fn chosen<S: Send>(
    path: &Path<'_, S>,
    bindings: &Bindings<'_>,
) -> Result<(String, &'static Request), Error> {
    let mut acts = path.tool.entry.act.iter().enumerate();
    let chosen = acts.find(|(_, step)| bindings.holds(&step.when, &Value::Null));
    let Some((number, _)) = chosen else {
        let message = "with these arguments there is nothing to do; nothing was sent".to_owned();
        return Err(Error::Refused { message });
    };
    let name = tool::act(number);
    let request = path.tool.request(&name)?;
    Ok((name, request))
}

/// What Kestra says of values that it does not take: they are arguments of this call.
fn refused(bindings: &Bindings<'_>, step: &'static Step, error: Error) -> Error {
    match (error, &step.refused) {
        (
            Error::Upstream {
                status: 422,
                message,
                ..
            },
            Some(refused),
        ) => {
            let said = bindings.say(refused, &[]);
            let message = format!("{said} {message}");
            Error::Refused { message }
        }
        (error, _) => error,
    }
}

/// Reads what was made, once; what the act answered stands where that cannot be read.
async fn read_once<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    settle: &'static Settle,
    made: Value,
) -> Result<Value, Error> {
    let read = path.read_back(bindings, SETTLE).await?;
    let note = read.as_ref().err().and_then(|why| {
        let code = why.code().as_str();
        let said: Option<&Text> = settle.say.unread.as_ref();
        said.map(|text| bindings.say(text, &[("code", code), ("next", &settle.next)]))
    });
    bindings.tell(json!({ "outcome": path.tool.entry.outcome, "note": note }));
    Ok(read.unwrap_or(made))
}
