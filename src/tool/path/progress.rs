//! Tells the client how far it is with what is watched.

use serde_json::Value;
use vocabulary::{Settle, Tasks};

use crate::tool::bindings::Bindings;
use crate::tool::context::Progress;
use crate::tool::make;

/// What the client was told.
pub(super) struct Told {
    /// How many tasks there are.
    tasks: Option<u64>,
    /// How far it was.
    last: Option<f64>,
}

/// By how much progress rises without a further task: the protocol wants each message to be ahead of
/// the one before (a client's patience is often renewed by it), and the bar shows tasks, not time.
const STEP: f64 = 0.001;

impl Told {
    /// Nothing yet, of something with so many tasks.
    pub(super) const fn of(tasks: Option<u64>) -> Self {
        Self { tasks, last: None }
    }

    /// Every message names what was started, and is ahead of the one before.
    fn tell(&mut self, bindings: &Bindings<'_>, done: f64, total: Option<f64>, text: &str) {
        let least = self.last.map_or(done, |last| last + STEP);
        let done = (done.max(least) * 1000.0).round() / 1000.0;
        if total.is_some_and(|total| done > total && self.last.is_some()) {
            return;
        }
        self.last = Some(done);
        let message = match bindings.ctx.delivery.started() {
            Some(started) => format!("{} {}: {text}", started.name, started.id),
            None => text.to_owned(),
        };
        bindings.ctx.report(Progress {
            done,
            total,
            message,
        });
    }

    /// Tells which task runs, and how many of them are done.
    pub(super) fn report(
        &mut self,
        bindings: &Bindings<'_>,
        settle: &'static Settle,
        last: &Value,
        state: &str,
    ) {
        let Some(how) = &settle.tasks else {
            return;
        };
        let tasks = last.pointer(&how.at);
        let counts = tasks.and_then(|tasks| make::count_by(tasks, &how.state));
        let number = |word: &str| {
            counts
                .as_ref()
                .and_then(|counts| counts.get(word)?.as_u64())
                .unwrap_or_default()
        };
        let done: u64 = settle.ended.list.iter().map(|word| number(word)).sum();
        // What is repeated runs more often than it is declared: then nobody knows how often.
        let total = self.tasks.filter(|count| number("total") <= *count);
        let of = total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        let runs = tasks.and_then(|tasks| running(tasks, settle, how));
        let runs = runs.map(|task| format!(" {task}")).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "task counts are small")]
        let (bar, total) = (done as f64, total.map(|total| total as f64));
        let text = format!("{state}{runs}, {done}{of} tasks done");
        self.tell(bindings, bar, total, &text);
    }
}

/// The innermost of the tasks that have not ended: those that hold others come first.
fn running<'v>(tasks: &'v Value, settle: &Settle, how: &Tasks) -> Option<&'v str> {
    let mut tasks = tasks.as_array()?.iter().rev();
    let task = tasks.find(|task| {
        let state = task.pointer(&how.state).and_then(Value::as_str);
        state.is_some_and(|state| !settle.ended.contains(state))
    });
    task?.pointer(how.name.as_ref()?)?.as_str()
}
