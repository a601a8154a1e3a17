//! Watches what was started, and tells the client how far it is.

use std::time::Duration;

use serde_json::Value;

use super::{Follow, Steps, run};
use crate::tool::context::Progress;
use crate::tool::error::Error;
use crate::tool::scope::{Scope, plain};
use crate::tool::{format, make};

/// Waits before the polls; the last repeats.
const DELAYS_MS: [u64; 5] = [300, 600, 1_000, 2_000, 3_000];

/// No further look is taken with less time left than this.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// What was seen last.
pub(super) struct Seen {
    last: Value,
    /// Why nothing newer was.
    trouble: Option<Error>,
}

impl Seen {
    pub(super) const fn of(last: Value) -> Self {
        Self {
            last,
            trouble: None,
        }
    }

    /// Looks once more. It runs on whatever is seen of it.
    pub(super) async fn look<S: Steps>(self, steps: &S, scope: &Scope<'_>) -> Self {
        match run(steps, scope, "read").await {
            Ok(last) => Self::of(last),
            Err(error) => Self {
                trouble: Some(error),
                ..self
            },
        }
    }
}

/// How watching ended.
pub(super) struct Watched {
    pub(super) last: Value,
    pub(super) waited: Duration,
    /// Whether what is watched has ended.
    pub(super) ended: bool,
    /// Whether the time was up.
    pub(super) late: bool,
    pub(super) note: Option<String>,
}

/// Looks until it has ended, pauses, or the time is up; `tasks` is how many it has.
pub(super) async fn watch<S: Steps>(
    steps: &S,
    scope: &Scope<'_>,
    follow: &Follow,
    mut seen: Seen,
    patience: Duration,
    tasks: Option<u64>,
) -> Watched {
    let ctx = scope.ctx;
    let begin = ctx.clock.now_ms();
    let mut delays = DELAYS_MS.into_iter();
    let mut told = Told { tasks, last: None };
    loop {
        let state = seen
            .last
            .pointer(follow.state)
            .map(|state| plain(state).into_owned())
            .unwrap_or_default();
        let ended = follow.done.contains(&state.as_str());
        let waited = Duration::from_millis(ctx.clock.now_ms().saturating_sub(begin));
        let paused = follow.pause.contains(&state.as_str());
        let hopeless = matches!(
            seen.trouble,
            Some(Error::CredentialRefused | Error::Forbidden { .. })
        );
        let hurry = ctx.hurry.is_cancelled();
        let late = waited >= patience || ctx.left() < LAST_LOOK || hurry;
        let scheduled = scheduled(scope, follow, &seen.last, &state);
        let left = scheduled.as_ref().map(|(_, left)| *left);
        let later = left.is_some_and(|left| waited + left > patience);
        if ended || paused || late || later || hopeless || ctx.cancel.is_cancelled() {
            let note = (!ended).then(|| {
                note(
                    &state,
                    paused,
                    scheduled.map(|(at, _)| at),
                    waited,
                    patience,
                    seen.trouble.as_ref(),
                    follow.next,
                )
            });
            return Watched {
                last: seen.last,
                waited,
                ended,
                late: late && !ended && !paused,
                note,
            };
        }
        told.report(scope, follow, &seen.last, &state);
        let delay = Duration::from_millis(delays.next().unwrap_or(3_000))
            .min(patience.saturating_sub(waited));
        tokio::select! {
            () = ctx.clock.sleep(delay) => {}
            () = ctx.cancel.cancelled() => continue,
            () = ctx.hurry.cancelled() => continue,
        }
        // What a look that was broken off would have shown is not waited for.
        let last = seen.last.clone();
        seen = tokio::select! {
            seen = seen.look(steps, scope) => seen,
            () = ctx.cancel.cancelled() => Seen::of(last),
            () = ctx.hurry.cancelled() => Seen::of(last),
        };
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

fn note(
    state: &str,
    paused: bool,
    scheduled: Option<String>,
    waited: Duration,
    patience: Duration,
    trouble: Option<&Error>,
    next: &str,
) -> String {
    if let Some(error) = trouble {
        return format!(
            "It was started, but its state could not be read ({}): {next}.",
            error.code()
        );
    }
    if paused {
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

/// What the client was told.
struct Told {
    /// How many tasks there are.
    tasks: Option<u64>,
    /// How far it was.
    last: Option<f64>,
}

/// By how much progress rises without a further task: the protocol wants each message to be ahead of
/// the one before (a client's patience is often renewed by it), and the bar shows tasks, not time.
const STEP: f64 = 0.001;

impl Told {
    /// Every message names what was started, and is ahead of the one before.
    fn tell(&mut self, scope: &Scope<'_>, done: f64, total: Option<f64>, text: &str) {
        let least = self.last.map_or(done, |last| last + STEP);
        let done = (done.max(least) * 1000.0).round() / 1000.0;
        if total.is_some_and(|total| done > total && self.last.is_some()) {
            return;
        }
        self.last = Some(done);
        let message = match scope.ctx.delivery.started() {
            Some(started) => format!("{} {}: {text}", started.name, started.id),
            None => text.to_owned(),
        };
        scope.ctx.report(Progress {
            done,
            total,
            message,
        });
    }

    /// Tells which task runs, and how many of them are done.
    fn report(&mut self, scope: &Scope<'_>, follow: &Follow, last: &Value, state: &str) {
        let tasks = last.pointer(follow.tasks);
        let counts = tasks.and_then(|tasks| make::count_by(tasks, follow.task_state));
        let number = |word: &str| {
            counts
                .as_ref()
                .and_then(|counts| counts.get(word)?.as_u64())
                .unwrap_or_default()
        };
        let done: u64 = follow.done.iter().map(|word| number(word)).sum();
        // What is repeated runs more often than it is declared: then nobody knows how often.
        let total = self.tasks.filter(|count| number("total") <= *count);
        let of = total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        let runs = tasks.and_then(|tasks| running(tasks, follow));
        let runs = runs.map(|task| format!(" {task}")).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "task counts are small")]
        let (bar, total) = (done as f64, total.map(|total| total as f64));
        let text = format!("{state}{runs}, {done}{of} tasks done");
        self.tell(scope, bar, total, &text);
    }
}

/// The innermost of the tasks that have not ended: those that hold others come first.
fn running<'v>(tasks: &'v Value, follow: &Follow) -> Option<&'v str> {
    let mut tasks = tasks.as_array()?.iter().rev();
    let task = tasks.find(|task| {
        let state = task.pointer(follow.task_state).and_then(Value::as_str);
        state.is_some_and(|state| !follow.done.contains(&state))
    });
    task?.pointer(follow.task?)?.as_str()
}
