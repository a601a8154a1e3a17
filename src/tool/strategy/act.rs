//! Does something to an object that exists, and says what became of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Steps, finish, refuse, run};
use crate::tool::error::Error;
use crate::tool::scope::{Scope, plain};
use crate::tool::{Call, CallCtx, Internal, Reply};

/// How an object is watched after something was done to it.
#[derive(Clone, Copy, Debug)]
pub struct Settle {
    /// Where its state stands.
    pub state: &'static str,
    /// Nothing is sent when it is in one of these before.
    pub unless: &'static [&'static str],
    /// What is wanted.
    pub wanted: &'static str,
    /// States on the way to it.
    pub under_way: &'static [&'static str],
    /// How long it may take, in milliseconds.
    pub within_ms: u64,
    /// The word for having reached it.
    pub done: &'static str,
    /// How to see how it ends, for the model.
    pub next: &'static str,
}

/// Waits before looking again; the last repeats.
const DELAYS_MS: [u64; 4] = [150, 350, 500, 1_000];

/// Reads, acts once, reads until the state is settled. The status of the act says nothing about
/// the outcome: what is told is what was read.
///
/// # Errors
/// See [`Error`]; an act that Kestra refused and that changed nothing is that refusal, and one that
/// it did not confirm and of which nothing can be seen is [`Error::OutcomeUnknown`].
pub async fn act_then_read<S: Steps>(
    ctx: &CallCtx,
    steps: &S,
    call: &Call,
) -> Result<Reply, Error> {
    let mut scope = Scope::new(ctx, &call.arguments);
    let Some(settle) = S::PLAN.settle else {
        return Err(Internal::NoPlan("settle").into());
    };
    let before = run(steps, &scope, "before").await?;
    let state_before = state(settle, &before);
    scope.steps.insert("before", before.clone());
    refuse::<S>(&scope)?;
    if settle.unless.contains(&state_before.as_str()) {
        let told = json!({ "outcome": "already", "state_before": state_before, "note": format!("It had ended as {state_before}; nothing was sent.") });
        scope.steps.insert("outcome", told);
        return finish(steps, &mut scope, "before", before).await;
    }
    if ctx.cancel.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let acted = run(steps, &scope, "act").await;
    if let Err(
        error @ (Error::CredentialRefused
        | Error::Forbidden { .. }
        | Error::Unreachable { .. }
        | Error::Timeout { .. }
        | Error::Elsewhere { .. }
        | Error::NoRoom
        | Error::Cancelled
        | Error::Internal(_)),
    ) = acted
    {
        return Err(error);
    }
    // Nothing is awaited of what Kestra refused: one look shows whether it had a reason.
    let patience = if refused(error_of(&acted)) {
        0
    } else {
        settle.within_ms
    };
    let (after, seen) = settled(steps, &scope, settle, patience, before).await;
    let state_after = state(settle, &after);
    let ended = settle.unless.contains(&state_after.as_str());
    let reached = state_after == settle.wanted;
    let begun = settle.under_way.contains(&state_after.as_str());
    let acted = match acted {
        Err(error) if refused(Some(&error)) && !ended && state_after == state_before => {
            tracing::debug!(%error, "Kestra refused and nothing changed");
            return Err(error);
        }
        // Neither its answer nor its state says that anything came of it.
        Err(error) if !refused(Some(&error)) && !(seen && (ended || begun)) => {
            tracing::debug!(%error, state_after, "nothing is known of a change");
            return Err(error);
        }
        acted => acted,
    };
    // What Kestra said of it; whatever it said, the state is what counts.
    let said = match error_of(&acted) {
        None => "Kestra accepted it",
        Some(error) if refused(Some(error)) => "Kestra refused it",
        Some(_) => "It was sent, but Kestra did not confirm it",
    };
    let (outcome, note) = if reached {
        (settle.done, None)
    } else if ended {
        (
            "already",
            Some(format!(
                "It ended as {state_after} before that took effect."
            )),
        )
    } else if seen {
        (
            "requested",
            Some(format!(
                "{said}; the state is {state_after} for now: {}.",
                settle.next
            )),
        )
    } else {
        (
            "requested",
            Some(format!(
                "{said}; what became of it could not be read: {}.",
                settle.next
            )),
        )
    };
    let told = json!({ "outcome": outcome, "state_before": state_before, "note": note });
    scope.steps.insert("outcome", told);
    finish(steps, &mut scope, "after", after).await
}

fn state(settle: &Settle, value: &Value) -> String {
    value
        .pointer(settle.state)
        .map(|state| plain(state).into_owned())
        .unwrap_or_default()
}

fn error_of(result: &Result<Value, Error>) -> Option<&Error> {
    result.as_ref().err()
}

/// Whether Kestra itself said no: then nothing is under way.
const fn refused(error: Option<&Error>) -> bool {
    matches!(
        error,
        Some(
            Error::NotFound { .. }
                | Error::Conflict { .. }
                | Error::Upstream {
                    status: 400..=499,
                    ..
                }
        )
    )
}

/// The object when it has settled or the time is up, and whether it could be read at all.
async fn settled<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    settle: &Settle,
    patience_ms: u64,
    before: Value,
) -> (Value, bool) {
    let clock = &scope.ctx.clock;
    let until = clock.now_ms().saturating_add(patience_ms);
    let (mut last, mut seen) = (before, false);
    let mut delays = DELAYS_MS.into_iter();
    loop {
        if let Ok(value) = run(steps, scope, "after").await {
            (last, seen) = (value, true);
        }
        let now = clock.now_ms();
        if settle.unless.contains(&state(settle, &last).as_str())
            || now >= until
            || scope.ctx.cancel.is_cancelled()
        {
            return (last, seen);
        }
        let delay = delays.next().unwrap_or(1_000).min(until - now);
        clock.sleep(Duration::from_millis(delay)).await;
    }
}
