//! One act whose answer may be lost, and what it came to.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::clock::Clock;
use crate::tool::delivery::Delivery;
use crate::tool::error::Error;

/// What an act came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Kestra has not answered yet.
    Pending,
    /// It began this.
    Begun(Arc<str>),
    /// Nothing began.
    Nothing,
    /// The outcome is unknown; how to find out.
    Unknown(&'static str),
}

/// Who asked for what, as a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(pub(super) [u8; 32]);

pub(super) struct Record {
    pub(super) name: Name,
    pub(super) outcome: watch::Sender<Outcome>,
    /// The delivery of the latest answer about it.
    pub(super) delivery: Mutex<Delivery>,
    /// Calls about it that go on.
    pub(super) open: AtomicUsize,
    /// When the last of them ended.
    pub(super) ended: AtomicU64,
}

impl Record {
    pub(super) fn delivery(&self) -> std::sync::MutexGuard<'_, Delivery> {
        self.delivery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst) > 0
    }

    /// How long ago the last call about it ended, in milliseconds.
    pub(super) fn age(&self, now: u64) -> u64 {
        if self.is_open() {
            return 0;
        }
        now.saturating_sub(self.ended.load(Ordering::SeqCst))
    }
}

pub(super) fn record_age(record: &Record, now: u64) -> u64 {
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
    pub(super) fn of(record: &Arc<Record>, clock: &Clock, age: u64) -> Self {
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

    /// It failed: nothing began, or the outcome is unknown.
    pub fn failed(&self, error: &Error) {
        self.record.outcome.send_replace(match error {
            Error::OutcomeUnknown { advice } => Outcome::Unknown(advice),
            Error::Elsewhere { .. } => Outcome::Unknown(UNKNOWN),
            _ => Outcome::Nothing,
        });
    }

    /// The id of what it began, once that is known; `None` if nothing began.
    ///
    /// # Errors
    /// [`Error::OutcomeUnknown`] when the outcome cannot be known any more.
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
