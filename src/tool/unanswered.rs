//! Acts whose answer the client never took: a client that gives up makes its model ask again, and the same
//! call again must not act again.
//!
//! Of a call there is kept a keyed hash of who asked for what, and the id of what it began; nothing
//! of its arguments.

mod act;
mod canonical;

use std::collections::VecDeque;
use std::fmt;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Map, Value};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::delivery::Delivery;
use crate::clock::Clock;
use act::{Name, Outcome, Record, record_age};
use canonical::{ABSENT, canonical_members};

pub use act::Act;

/// Acts that are kept.
const MOST: usize = 1024;

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
    /// The latest act of the same call whose answer was lost. Its answer is that of `delivery`
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

#[cfg(test)]
mod tests;
