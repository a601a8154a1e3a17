//! The progress of a change whose object is watched.

use std::time::Duration;

use serde_json::{Value, json};
use vocabulary::{Settle, Text};

use super::steps::{Path, Send};
use super::watch::{Stop, Watch, Watched};
use crate::tool::bindings::Bindings;
use crate::tool::error::Error;
use crate::tool::{Unusable, project};

/// The word for an act that came too late: its object had ended.
const ALREADY: &str = "already";
/// The word for an act of which nobody knows yet what becomes of it.
const REQUESTED: &str = "requested";

/// What became of the act, as the main answer; what is known of it is told to the fields.
///
/// Where a state is wanted, the answer to the act says nothing of the outcome: what is told is what
/// was read.
///
/// # Errors
/// Those of the act; where a state is wanted, only when nothing was changed or nothing can be seen
/// of it.
pub(super) async fn watched<S: Send>(
    path: &Path<'_, S>,
    bindings: &mut Bindings<'_>,
    settle: &'static Settle,
    at: &'static str,
    acted: Result<Value, Error>,
    repeated: Option<u64>,
) -> Result<Value, Error> {
    let entry = path.tool.entry;
    let ctx = bindings.ctx;
    let wants = !settle.wanted.list.is_empty();
    let (first, acted) = match acted {
        Err(error) if !wants || is_certain(&error) => return Err(error),
        Err(error) => (before(path, bindings, at), Err(error)),
        Ok(_) if wants => (before(path, bindings, at), Ok(())),
        Ok(value) => (value, Ok(())),
    };
    let seconds = settle.seconds.as_ref();
    let seconds = seconds.and_then(|name| bindings.arguments.get(name)?.as_u64());
    let seconds = seconds.unwrap_or_default();
    let patience = match (&acted, &settle.seconds) {
        // Nothing is awaited of what Kestra refused: one look shows whether it had a reason.
        (Err(error), _) if is_refusal(error) => Duration::ZERO,
        (_, Some(_)) => Duration::from_secs(seconds).min(ctx.longest),
        (_, None) => Duration::from_millis(settle.within_ms),
    };
    let declared = settle.tasks.as_ref().map(|tasks| &tasks.declared);
    let tasks = declared
        .and_then(|declared| bindings.get(declared, &Value::Null))
        .and_then(project::count);
    let watch = Watch {
        settle,
        at,
        patience,
        look: wants || repeated.is_some() || first.is_null(),
        tasks,
    };
    let before = watch.state(&first);
    let watched = watch.run(path, bindings, first).await;
    let (outcome, note) = if wants {
        wanted(bindings, settle, acted, &before, &watched)?
    } else {
        let notes = Notes {
            bindings,
            settle,
            watched: &watched,
            patience,
        };
        let again = entry.again.as_deref().unwrap_or_default();
        let note = notes.all(repeated, again, Duration::from_secs(seconds));
        (entry.outcome.as_deref(), note)
    };
    bindings.tell(json!({
        "outcome": outcome,
        "note": note,
        "waited_seconds": (seconds > 0).then_some(watched.waited.as_secs()),
        "ended": watched.stop == Stop::Ended && seconds > 0,
        "tasks": tasks,
    }));
    Ok(watched.last)
}

/// The object as it was read before the act.
fn before<S: Send>(path: &Path<'_, S>, bindings: &Bindings<'_>, at: &str) -> Value {
    let entry = path.tool.entry;
    let needless = entry.needless.as_ref();
    let answer = needless.and_then(|needless| needless.answer.as_ref());
    let reads = answer.into_iter().chain(entry.before.keys().rev());
    let mut read = reads.filter_map(|name| bindings.steps.get(name.as_str()));
    let found = read.find(|value| value.pointer(at).is_some());
    found.cloned().unwrap_or_default()
}

/// Whether an act that ended so is known to have changed nothing, or nobody needs to look.
const fn is_certain(error: &Error) -> bool {
    matches!(
        error,
        Error::Invalid { .. }
            | Error::Refused { .. }
            | Error::CredentialRefused
            | Error::Forbidden { .. }
            | Error::Unreachable { .. }
            | Error::Timeout { .. }
            | Error::Elsewhere { .. }
            | Error::NoRoom
            | Error::Cancelled
            | Error::Unusable(Unusable::Lacking { .. })
            | Error::Internal(_)
    )
}

/// Whether Kestra itself said no: then nothing is under way.
const fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound { .. }
            | Error::Conflict { .. }
            | Error::Upstream {
                status: 400..=499,
                ..
            }
    )
}

/// The word for what became of an act, and what is said of it.
fn wanted(
    bindings: &Bindings<'_>,
    settle: &'static Settle,
    acted: Result<(), Error>,
    before: &str,
    watched: &Watched,
) -> Result<(Option<&'static str>, Option<String>), Error> {
    let (state, seen) = (watched.state.as_str(), watched.seen);
    let ended = watched.stop == Stop::Ended;
    let reached = settle.wanted.contains(state);
    let changed = reached && state != before;
    let begun = settle.under_way.contains(state);
    let say = &settle.say;
    // What Kestra said of it; whatever it said, the state is what counts.
    let said = match acted {
        Ok(()) => &say.accepted,
        Err(error) if is_refusal(&error) => {
            if !ended && state == before {
                tracing::debug!(%error, "Kestra refused and nothing changed");
                return Err(error);
            }
            &say.refused
        }
        // Neither its answer nor its state says that anything came of it.
        Err(error) if !(seen && (ended || changed || begun)) => {
            tracing::debug!(%error, state, "nothing is known of a change");
            return Err(error);
        }
        Err(_) => &say.unconfirmed,
    };
    if reached {
        return Ok((settle.outcome.as_deref(), None));
    }
    let said = said.as_ref().map(|text| bindings.say(text, &[]));
    let code = watched.trouble.as_ref().map(|why| why.code().as_str());
    let words = [
        ("state", state),
        ("said", said.as_deref().unwrap_or_default()),
        ("code", code.unwrap_or_default()),
        ("next", &settle.next),
    ];
    let (outcome, text) = if ended {
        (ALREADY, &say.ended)
    } else if seen {
        (REQUESTED, &say.requested)
    } else {
        (REQUESTED, &say.unread)
    };
    let note = text.as_ref().map(|text| bindings.say(text, &words));
    Ok((Some(outcome), note))
}

/// What is said of what is watched as long as the caller asks for.
struct Notes<'n> {
    bindings: &'n Bindings<'n>,
    settle: &'static Settle,
    watched: &'n Watched,
    patience: Duration,
}

impl Notes<'_> {
    fn say(&self, text: Option<&Text>, words: &[(&str, &str)]) -> Option<String> {
        text.map(|text| self.bindings.say(text, words))
    }

    /// All of it, where there is anything: it was begun by another call so many seconds ago, and the
    /// caller wanted to wait for `asked`.
    fn all(&self, repeated: Option<u64>, again: &str, asked: Duration) -> Option<String> {
        let say = &self.settle.say;
        let late = self.watched.stop == Stop::Late;
        let age = repeated.map(|age| age.to_string());
        let repeats = age.and_then(|age| {
            let words = [("age", age.as_str()), ("again", again)];
            self.say(say.repeated.as_ref(), &words)
        });
        let mut notes: Vec<String> = repeats.into_iter().collect();
        if self.watched.stop != Stop::Ended {
            notes.extend(self.note(repeated.is_none()));
        }
        if late && self.bindings.ctx.hurry.is_cancelled() {
            notes.push("This server is about to end.".to_owned());
        } else if late && self.patience < asked {
            let longest = self.patience.as_secs();
            notes.push(format!(
                "A call that asks for no progress is answered after {longest} s."
            ));
        }
        (!notes.is_empty()).then(|| notes.join(" "))
    }

    /// How it is with what has not ended, and whether it was begun `now`.
    fn note(&self, now: bool) -> Option<String> {
        let (say, watched) = (&self.settle.say, self.watched);
        let (state, next) = (("state", &*watched.state), ("next", &*self.settle.next));
        if let Some(error) = &watched.trouble {
            let code = ("code", error.code().as_str());
            return self.say(say.unread.as_ref(), &[code, state, next]);
        }
        if watched.stop == Stop::Paused {
            return self.say(say.paused.as_ref(), &[state, next]);
        }
        if let Some(at) = &watched.scheduled {
            return self.say(say.scheduled.as_ref(), &[("at", at), next]);
        }
        if self.patience.is_zero() {
            let started = say.started.as_ref().filter(|_| now);
            let parts = [started, say.begun.as_ref()];
            let said = parts.into_iter().filter_map(|text| self.say(text, &[next]));
            let said: Vec<String> = said.collect();
            return (!said.is_empty()).then(|| said.join(" "));
        }
        let seconds = watched.waited.as_secs().to_string();
        self.say(say.late.as_ref(), &[state, ("seconds", &seconds), next])
    }
}
