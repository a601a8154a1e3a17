//! Starts something once, then watches it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Steps, finish, near, refuse, run};
use crate::tool::context::Progress;
use crate::tool::error::Error;
use crate::tool::scope::{Expr, Scope, plain};
use crate::tool::{Call, CallCtx, Reply, format, make, project};

/// How a started object is watched.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// What is started, such as `flow`.
    pub kind: &'static str,
    /// Its id in the answers of `start` and `read`.
    pub id: &'static str,
    /// Its state.
    pub state: &'static str,
    /// Its tasks.
    pub tasks: &'static str,
    /// The state of a task.
    pub task_state: &'static str,
    /// States in which it has ended.
    pub done: &'static [&'static str],
    /// States in which it waits for a person.
    pub pause: &'static [&'static str],
    /// For how many seconds.
    pub seconds: Expr,
    /// The tasks that are declared, for progress.
    pub declared: Expr,
    /// Where what is started says which revision it is.
    pub latest: Option<Latest>,
    /// How an answer says that it is scheduled for later.
    pub scheduled: Option<Scheduled>,
    /// How to see how it ends, for the model.
    pub next: &'static str,
}

/// Where the answers of `latest` and `describe` say what they describe.
#[derive(Clone, Copy, Debug)]
pub struct Latest {
    /// The revision.
    pub revision: &'static str,
    /// Whether it was deleted.
    pub deleted: &'static str,
}

/// How an answer says for when it is scheduled.
#[derive(Clone, Copy, Debug)]
pub struct Scheduled {
    /// The instant.
    pub at: &'static str,
    /// States in which it has begun, whatever the instant says.
    pub begun: &'static [&'static str],
}

/// Waits before the polls; the last repeats.
const DELAYS_MS: [u64; 5] = [300, 600, 1_000, 2_000, 3_000];

/// No further look is taken with less time left than this.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Starts once, never again after anything but a 404, then polls to the end, a pause, the
/// deadline or cancellation. Whatever happens after the start, the answer names what was started.
///
/// # Errors
/// See [`Error`]; none once it was started.
pub async fn start_then_follow<S: Steps>(
    ctx: &CallCtx,
    steps: &S,
    call: &Call,
) -> Result<Reply, Error> {
    let mut scope = Scope::new(ctx, &call.arguments);
    let Some(follow) = S::PLAN.follow else {
        return Err(Error::Internal("nothing to follow".into()));
    };
    describe(steps, &mut scope, follow).await?;
    refuse::<S>(&scope)?;
    if ctx.cancel.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let started = run(steps, &scope, "start").await.map_err(refused)?;
    if started.pointer(follow.id).and_then(Value::as_str).is_none() {
        return Err(Error::OutcomeUnknown {
            advice: "Kestra named no id. List what runs before you try again.",
        });
    }
    scope.steps.insert("start", started.clone());
    let seconds = scope
        .get(&follow.seconds, &Value::Null)
        .and_then(|value| value.as_u64())
        .unwrap_or_default();
    let watched = watch(steps, &scope, follow, started, Duration::from_secs(seconds)).await;
    let facts = json!({
        "waited_seconds": (seconds > 0).then_some(watched.waited.as_secs()),
        "ended": watched.ended && seconds > 0,
        "note": watched.note,
    });
    scope.steps.insert("follow", facts);
    finish(steps, &mut scope, "read", watched.last).await
}

/// What Kestra says of inputs that it does not take: they are arguments of this call.
fn refused(error: Error) -> Error {
    match error {
        Error::Upstream {
            status: 422,
            message,
            ..
        } => Error::Refused {
            message: format!("Kestra refuses these arguments; nothing was started. {message}"),
        },
        error => error,
    }
}

/// Reads what is to be started, if the tool does: as it is now, and in the revision that was asked
/// for. Kestra would also start what was deleted.
async fn describe<S: Steps>(
    steps: &S,
    scope: &mut Scope<'_>,
    follow: &Follow,
) -> Result<(), Error> {
    let step = |name: &str| S::PLAN.steps.iter().find(|step| step.name == name);
    let latest = match step("latest").filter(|step| scope.holds(&step.when, &Value::Null)) {
        None => None,
        Some(_) => match present(follow, run(steps, scope, "latest").await) {
            Ok(value) => Some(value),
            Err(missing) => {
                let found = near::enrich(steps, scope, missing).await;
                return Err(match found {
                    // What a search still knows, and nobody can read any more.
                    Error::NoRevision { kind, .. } => {
                        let near = Vec::new();
                        Error::NotFound { kind, near }
                    }
                    found => found,
                });
            }
        },
    };
    let revision = |value: &Value| value.pointer(follow.latest?.revision)?.as_u64();
    if step("describe").is_none() {
        return Ok(());
    }
    let described = present(follow, run(steps, scope, "describe").await);
    match (described, latest.as_ref().and_then(revision)) {
        (Ok(value), _) => {
            scope.steps.insert("describe", value);
            Ok(())
        }
        (Err(Error::NotFound { kind, .. }), Some(latest)) => {
            Err(Error::NoRevision { kind, latest })
        }
        (Err(error), _) => Err(near::enrich(steps, scope, error).await),
    }
}

/// What was deleted is as good as absent.
fn present(follow: &Follow, read: Result<Value, Error>) -> Result<Value, Error> {
    let value = read?;
    let deleted = follow
        .latest
        .and_then(|latest| value.pointer(latest.deleted));
    if deleted == Some(&Value::Bool(true)) {
        return Err(Error::NotFound {
            kind: follow.kind,
            near: Vec::new(),
        });
    }
    Ok(value)
}

struct Watched {
    last: Value,
    waited: Duration,
    ended: bool,
    note: Option<String>,
}

async fn watch<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    follow: &Follow,
    started: Value,
    patience: Duration,
) -> Watched {
    let ctx = scope.ctx;
    let begin = ctx.clock.now_ms();
    let mut last = started;
    let mut trouble = None;
    let mut delays = DELAYS_MS.into_iter();
    loop {
        let state = last
            .pointer(follow.state)
            .map(|state| plain(state).into_owned())
            .unwrap_or_default();
        let ended = follow.done.contains(&state.as_str());
        let waited = Duration::from_millis(ctx.clock.now_ms().saturating_sub(begin));
        let paused = follow.pause.contains(&state.as_str());
        let hopeless = matches!(
            trouble,
            Some(Error::CredentialRefused | Error::Forbidden { .. })
        );
        let late = waited >= patience || ctx.left() < LAST_LOOK;
        let scheduled = scheduled(scope, follow, &last, &state);
        let later = scheduled
            .as_ref()
            .is_some_and(|(_, left)| waited + *left > patience);
        if ended || paused || late || later || hopeless || ctx.cancel.is_cancelled() {
            let seen = Seen {
                state: &state,
                paused,
                scheduled: scheduled.map(|(at, _)| at),
                waited,
                trouble: trouble.as_ref(),
            };
            let note = (!ended).then(|| note(&seen, patience, follow.next));
            return Watched {
                last,
                waited,
                ended,
                note,
            };
        }
        report(scope, follow, &last, &state, waited);
        let delay = Duration::from_millis(delays.next().unwrap_or(3_000))
            .min(patience.saturating_sub(waited));
        tokio::select! {
            () = ctx.clock.sleep(delay) => {}
            () = ctx.cancel.cancelled() => continue,
        }
        match run(steps, scope, "read").await {
            Ok(value) => (last, trouble) = (value, None),
            // It runs on whatever we see of it: keep looking until the deadline.
            Err(error) => trouble = Some(error),
        }
    }
}

/// The instant for which it is scheduled, and how far that is off; none once it has come.
fn scheduled(
    scope: &Scope<'_>,
    follow: &Follow,
    last: &Value,
    state: &str,
) -> Option<(String, Duration)> {
    let scheduled = follow.scheduled.filter(|how| !how.begun.contains(&state))?;
    let at = last.pointer(scheduled.at)?;
    let instant = format::parse_instant(at.as_str()?)?;
    let left = instant - scope.ctx.clock.now();
    Some((make::time(at)?, left.to_std().ok()?)).filter(|(_, left)| !left.is_zero())
}

/// What was seen last of what does not end yet.
struct Seen<'a> {
    state: &'a str,
    paused: bool,
    scheduled: Option<String>,
    waited: Duration,
    trouble: Option<&'a Error>,
}

fn note(seen: &Seen<'_>, patience: Duration, next: &str) -> String {
    let Seen {
        state,
        paused,
        scheduled,
        waited,
        trouble,
    } = seen;
    if let Some(error) = trouble {
        return format!(
            "It was started, but its state could not be read ({}): {next}.",
            error.code()
        );
    }
    if *paused {
        return format!(
            "It is {state} and goes on when a person resumes it in Kestra, or when its pause ends."
        );
    }
    if let Some(at) = scheduled {
        return format!("Scheduled for {at}. To see how it ends, {next}.");
    }
    if patience.is_zero() {
        return format!("Started. To see how it ends, {next}.");
    }
    format!("Still {state} after {} s: {next}.", waited.as_secs())
}

/// Tells the client: tasks done of those declared, and a fraction that rises with every look, as
/// the protocol wants of progress (a client's patience is often renewed by it).
fn report(scope: &Scope<'_>, follow: &Follow, last: &Value, state: &str, waited: Duration) {
    let counts = last
        .pointer(follow.tasks)
        .and_then(|tasks| make::count_by(tasks, follow.task_state));
    let number = |word: &str| {
        counts
            .as_ref()
            .and_then(|counts| counts.get(word)?.as_u64())
            .unwrap_or_default()
    };
    let done: u64 = follow.done.iter().map(|word| number(word)).sum();
    let declared = scope
        .get(&follow.declared, last)
        .and_then(|tasks| project::count(&tasks));
    // Nested tasks run more often than they are declared: then the total is not known.
    let total = declared.filter(|count| number("total") <= *count);
    let of = total
        .map(|total| format!(" of {total}"))
        .unwrap_or_default();
    let seconds = waited.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "task counts are small")]
    scope.ctx.report(Progress {
        done: ((done as f64 + seconds / (seconds + 10.0)) * 1000.0).round() / 1000.0,
        total: total.map(|total| total as f64),
        message: format!("{state}: {done}{of} tasks done"),
    });
}
