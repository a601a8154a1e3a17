//! Acts whose answer nobody took: a client that gives up makes its model ask again, and the same
//! call again must not act again.
//!
//! Of a call there is kept a keyed hash of who asked for what, and the id of what it began; nothing
//! of its arguments.

use std::collections::VecDeque;
use std::fmt;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Map, Value};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::delivery::Delivery;
use super::error::Error;
use crate::clock::Clock;

/// Acts that are kept.
const MOST: usize = 1024;

/// What an act came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Kestra has not answered yet.
    Pending,
    /// It began this.
    Begun(Arc<str>),
    /// Nothing began.
    Nothing,
    /// Nobody knows; how to find out.
    Unknown(&'static str),
}

/// Who asked for what, as a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name([u8; 32]);

struct Record {
    name: Name,
    outcome: watch::Sender<Outcome>,
    /// The way of the latest answer about it.
    delivery: Mutex<Delivery>,
    /// Calls about it that go on.
    open: AtomicUsize,
    /// When the last of them ended.
    ended: AtomicU64,
}

impl Record {
    fn delivery(&self) -> std::sync::MutexGuard<'_, Delivery> {
        self.delivery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst) > 0
    }

    /// How long ago the last call about it ended, in milliseconds.
    fn age(&self, now: u64) -> u64 {
        if self.is_open() {
            return 0;
        }
        now.saturating_sub(self.ended.load(Ordering::SeqCst))
    }
}

/// The acts of one process whose answer may be lost.
pub struct Unanswered {
    window: u64,
    /// Made for the first act: what makes it takes a process longer than all else at its start.
    key: OnceLock<Option<hmac::Key>>,
    records: Mutex<VecDeque<Arc<Record>>>,
}

impl fmt::Debug for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unanswered")
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

impl Unanswered {
    /// Acts are remembered for `window` after their call; for none they are not.
    pub fn within(window: Duration) -> Self {
        Self {
            window: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
            key: OnceLock::new(),
            records: Mutex::default(),
        }
    }

    /// The key; without chance, and for no window, nothing is remembered.
    fn key(&self) -> Option<&hmac::Key> {
        let make = || {
            let mut value = Zeroizing::new([0; 32]);
            getrandom::fill(&mut *value).ok()?;
            Some(hmac::Key::new(hmac::HMAC_SHA256, &*value))
        };
        let key = || self.key.get_or_init(make).as_ref();
        (self.window > 0).then(key)?
    }

    /// A call by `who`, with these arguments; none where acts are not remembered. With `again` it
    /// acts whatever was done before.
    pub fn call(
        self: &Arc<Self>,
        who: &[&str],
        arguments: &Map<String, Value>,
        without: &[&str],
        again: bool,
    ) -> Option<Repeat> {
        let key = self.key()?;
        let mut text = String::new();
        for part in who {
            // Their lengths keep them apart.
            let _ = write!(text, "{}:{part}", part.len());
        }
        let kept = arguments
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()));
        canonical_members(kept, ABSENT, &mut text);
        let tag = hmac::sign(key, text.as_bytes());
        zeroize::Zeroize::zeroize(&mut text);
        let name = Name(tag.as_ref().try_into().ok()?);
        Some(Repeat {
            lost: Arc::clone(self),
            name,
            again,
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<Arc<Record>>) -> T) -> T {
        // A list of records is whole after any panic.
        act(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One call that may be the repetition of another.
#[derive(Clone)]
pub struct Repeat {
    lost: Arc<Unanswered>,
    name: Name,
    again: bool,
}

impl fmt::Debug for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repeat")
            .field("again", &self.again)
            .finish_non_exhaustive()
    }
}

impl Repeat {
    /// The latest act of the same call whose answer nobody took. Its answer is that of `delivery`
    /// from now on.
    pub fn find(&self, delivery: &Delivery, clock: &Clock) -> Option<Act> {
        if self.again {
            return None;
        }
        let now = clock.now_ms();
        self.lost.with(|records| {
            let mut newest = records.iter().rev();
            let found = newest.find(|record| {
                record.name == self.name
                    && record.age(now) <= self.lost.window
                    && record.delivery().is_lost()
            })?;
            let age = record_age(found, now);
            *found.delivery() = delivery.clone();
            Some(Act::of(found, clock, age))
        })
    }

    /// An act begins, whose answer is that of `delivery`.
    pub fn begin(&self, delivery: &Delivery, clock: &Clock) -> Act {
        let now = clock.now_ms();
        let record = Arc::new(Record {
            name: self.name,
            outcome: watch::Sender::new(Outcome::Pending),
            delivery: Mutex::new(delivery.clone()),
            open: AtomicUsize::new(0),
            ended: AtomicU64::new(now),
        });
        self.lost.with(|records| {
            records.retain(|record| record.age(now) <= self.lost.window);
            if records.len() >= MOST {
                let oldest = records.iter().position(|record| !record.is_open());
                records.remove(oldest.unwrap_or_default());
            }
            records.push_back(Arc::clone(&record));
        });
        Act::of(&record, clock, 0)
    }
}

fn record_age(record: &Record, now: u64) -> u64 {
    now.saturating_sub(record.ended.load(Ordering::SeqCst))
}

/// An act, for the length of one call about it.
pub struct Act {
    record: Arc<Record>,
    clock: Clock,
    age: u64,
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Act")
            .field("age", &self.age)
            .finish_non_exhaustive()
    }
}

impl Act {
    fn of(record: &Arc<Record>, clock: &Clock, age: u64) -> Self {
        record.open.fetch_add(1, Ordering::SeqCst);
        Self {
            record: Arc::clone(record),
            clock: clock.clone(),
            age,
        }
    }

    /// Seconds since it began, or since the last call about it ended.
    pub const fn age(&self) -> u64 {
        self.age / 1000
    }

    /// It began what has this id.
    pub fn begun(&self, id: &str) {
        self.record.outcome.send_replace(Outcome::Begun(id.into()));
    }

    /// It failed, so nothing began, or nobody knows.
    pub fn failed(&self, error: &Error) {
        self.record.outcome.send_replace(match error {
            Error::OutcomeUnknown { advice } => Outcome::Unknown(advice),
            Error::Elsewhere { .. } => Outcome::Unknown(UNKNOWN),
            _ => Outcome::Nothing,
        });
    }

    /// The id of what it began, once that is known; none if nothing did.
    ///
    /// # Errors
    /// [`Error::OutcomeUnknown`] if nobody will know.
    pub async fn id(&self) -> Result<Option<Arc<str>>, Error> {
        let mut outcome = self.record.outcome.subscribe();
        let known = outcome
            .wait_for(|outcome| *outcome != Outcome::Pending)
            .await;
        match known.map(|outcome| outcome.clone()) {
            Ok(Outcome::Begun(id)) => Ok(Some(id)),
            Ok(Outcome::Nothing) => Ok(None),
            Ok(Outcome::Unknown(advice)) => Err(Error::OutcomeUnknown { advice }),
            Ok(Outcome::Pending) | Err(_) => Err(Error::OutcomeUnknown { advice: UNKNOWN }),
        }
    }
}

/// So deep a null says no more than nothing: it is an argument, or an input of a flow. In the value of an
/// input it is a value like any other.
const ABSENT: usize = 2;

const UNKNOWN: &str = "List what runs before you try again.";

impl Drop for Act {
    fn drop(&mut self) {
        self.record
            .ended
            .store(self.clock.now_ms(), Ordering::SeqCst);
        let was = self.record.open.fetch_sub(1, Ordering::SeqCst);
        if was == 1 {
            // Its call broke off before Kestra answered.
            self.record.outcome.send_if_modified(|outcome| {
                let pending = *outcome == Outcome::Pending;
                if pending {
                    *outcome = Outcome::Unknown(UNKNOWN);
                }
                pending
            });
        }
    }
}

/// `value` in the one way in which all that is equal is written; nulls in its members are absent for so
/// many levels.
fn canonical(value: &Value, absent: usize, text: &mut String) {
    match value {
        Value::Object(members) => canonical_members(members.iter(), absent, text),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, 0, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => {
            // Writing to a String does not fail.
            let _ = write!(text, "{scalar}");
        }
    }
}

fn canonical_members<'v>(
    members: impl Iterator<Item = (&'v String, &'v Value)>,
    absent: usize,
    text: &mut String,
) {
    let said = |value: &Value| absent == 0 || !value.is_null();
    let mut members: Vec<_> = members.filter(|(_, value)| said(value)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (name, value) in members {
        let _ = write!(text, "{}:{name}", name.len());
        canonical(value, absent.saturating_sub(1), text);
        text.push(',');
    }
    text.push('}');
}

#[cfg(test)]
mod tests;
