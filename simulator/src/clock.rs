//! The clock that the simulator reads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

/// A system clock or a manual one. Clones share their time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Manual(Arc<AtomicU64>),
    System,
}

impl Clock {
    /// A clock that stands still until a test advances it; `start` is in milliseconds since the
    /// epoch.
    pub fn manual(start: u64) -> Self {
        Self::shared(Arc::new(AtomicU64::new(start)))
    }

    /// The system clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that reads `epoch_ms`, which another component advances.
    pub fn shared(epoch_ms: Arc<AtomicU64>) -> Self {
        Self(Source::Manual(epoch_ms))
    }

    /// The current time in milliseconds since the epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the simulator's only look at real time"
    )]
    pub fn now_ms(&self) -> u64 {
        match &self.0 {
            Source::Manual(ms) => ms.load(Ordering::SeqCst),
            Source::System => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    /// Advances a manual clock; does nothing to the system clock.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(ms) = &self.0 {
            ms.fetch_add(
                u64::try_from(by.as_millis()).unwrap_or(u64::MAX),
                Ordering::SeqCst,
            );
        }
    }

    /// Sets a manual clock, in milliseconds since the epoch; does nothing to the system clock.
    pub fn set(&self, epoch_ms: u64) {
        if let Source::Manual(ms) = &self.0 {
            ms.store(epoch_ms, Ordering::SeqCst);
        }
    }
}
