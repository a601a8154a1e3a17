//! Watches what something was done to, until it has settled or the time is up.

use std::time::Duration;

use serde_json::Value;
use vocabulary::Settle;
use vocabulary::tool::SETTLE;

use super::progress::Told;
use super::steps::{Path, Send};
use crate::tool::bindings::{Bindings, plain};
use crate::tool::error::Error;
use crate::tool::{instant, make};

/// Waits before the looks; the last repeats. What the caller waits for takes longer than what has to
/// settle.
const LONG_MS: [u64; 5] = [300, 600, 1_000, 2_000, 3_000];
const SHORT_MS: [u64; 4] = [150, 350, 500, 1_000];

/// No further look is taken with less time left than this.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// How it is watched.
pub(super) struct Watch {
    pub(super) settle: &'static Settle,
    /// Where its state stands.
    pub(super) at: &'static str,
    /// For how long.
    pub(super) patience: Duration,
    /// Whether nothing is known before the first look.
    pub(super) look: bool,
    /// How many tasks it has.
    pub(super) tasks: Option<u64>,
}

/// What was seen last.
struct Seen {
    last: Value,
    /// Whether it was read at all.
    ever: bool,
    /// Why nothing newer was.
    trouble: Option<Error>,
}

/// How watching ended.
pub(super) struct Watched {
    pub(super) last: Value,
    /// Its state then.
    pub(super) state: String,
    /// Whether it was read at all.
    pub(super) seen: bool,
    /// Why nothing newer was read.
    pub(super) trouble: Option<Error>,
    pub(super) waited: Duration,
    /// When it is due, where that is still to come.
    pub(super) scheduled: Option<String>,
    /// Why the wait ended.
    pub(super) stop: Stop,
}

/// Why the wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It has ended.
    Ended,
    /// It waits for a person.
    Paused,
    /// It is in a state that is wanted.
    Wanted,
    /// The time is up.
    Late,
    /// It is due later, cannot be read, or the call does not wait for it.
    Otherwise,
}

impl Watch {
    /// Looks from `last` on until it has ended, is in a state that is wanted, pauses, or the time is
    /// up.
    pub(super) async fn run<S: Send>(
        &self,
        path: &Path<'_, S>,
        bindings: &Bindings<'_>,
        last: Value,
    ) -> Watched {
        let (ctx, settle) = (bindings.ctx, self.settle);
        let begin = ctx.clock.now_ms();
        let (delays, longest): (&[u64], u64) = match settle.seconds {
            Some(_) => (&LONG_MS, 3_000),
            None => (&SHORT_MS, 1_000),
        };
        let mut pauses = delays.iter().copied();
        let mut told = Told::of(self.tasks);
        let mut seen = Seen {
            last,
            ever: false,
            trouble: None,
        };
        if self.look {
            seen = seen.look(path, bindings).await;
        }
        loop {
            let state = self.state(&seen.last);
            let waited = Duration::from_millis(ctx.clock.now_ms().saturating_sub(begin));
            let hopeless = matches!(
                seen.trouble,
                Some(Error::CredentialRefused | Error::Forbidden { .. })
            );
            let hurry = ctx.hurry.is_cancelled();
            let late = waited >= self.patience || ctx.left() < LAST_LOOK || hurry;
            let later_than = |left: Duration| waited + left > self.patience;
            let scheduled = self.scheduled(bindings, &seen.last, &state);
            let later = scheduled
                .as_ref()
                .is_some_and(|(_, left)| later_than(*left));
            let stop = if settle.ended.contains(&state) {
                Some(Stop::Ended)
            } else if settle.paused.contains(&state) {
                Some(Stop::Paused)
            } else if settle.wanted.contains(&state) {
                Some(Stop::Wanted)
            } else if late {
                Some(Stop::Late)
            } else {
                let otherwise = later || hopeless || ctx.cancel.is_cancelled();
                otherwise.then_some(Stop::Otherwise)
            };
            if let Some(stop) = stop {
                return Watched {
                    last: seen.last,
                    state,
                    seen: seen.ever,
                    trouble: seen.trouble,
                    waited,
                    scheduled: scheduled.map(|(at, _)| at),
                    stop,
                };
            }
            told.report(bindings, settle, &seen.last, &state);
            let delay = Duration::from_millis(pauses.next().unwrap_or(longest))
                .min(self.patience.saturating_sub(waited));
            tokio::select! {
                () = ctx.clock.sleep(delay) => {}
                () = ctx.cancel.cancelled() => continue,
                () = ctx.hurry.cancelled() => continue,
            }
            // What a look that was broken off would have shown is not waited for.
            let (last, ever) = (seen.last.clone(), seen.ever);
            let broken_off = || Seen {
                last,
                ever,
                trouble: None,
            };
            seen = tokio::select! {
                seen = seen.look(path, bindings) => seen,
                () = ctx.cancel.cancelled() => broken_off(),
                () = ctx.hurry.cancelled() => broken_off(),
            };
        }
    }

    /// The state that `value` says.
    pub(super) fn state(&self, value: &Value) -> String {
        let state = value.pointer(self.at).map(plain);
        state.unwrap_or_default().into_owned()
    }

    /// The instant for which it is scheduled, and how far that is off; none once it has come.
    fn scheduled(
        &self,
        bindings: &Bindings<'_>,
        last: &Value,
        state: &str,
    ) -> Option<(String, Duration)> {
        let scheduled = self.settle.scheduled.as_ref();
        let scheduled = scheduled.filter(|how| !how.begun.contains(state))?;
        let at = last.pointer(&scheduled.at)?;
        let instant = instant::parse_instant(at.as_str()?)?;
        let left = instant - bindings.ctx.clock.now();
        Some((make::time(at)?, left.to_std().ok()?)).filter(|(_, left)| !left.is_zero())
    }
}

impl Seen {
    /// Looks once more. It runs on whatever is seen of it.
    async fn look<S: Send>(self, path: &Path<'_, S>, bindings: &Bindings<'_>) -> Self {
        match path.read(bindings, SETTLE).await {
            Ok(last) => Self {
                last,
                ever: true,
                trouble: None,
            },
            Err(error) => Self {
                trouble: Some(error),
                ..self
            },
        }
    }
}
