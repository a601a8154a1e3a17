//! Time as an argument: the system's clock, or one that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};

/// Where the time comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Milliseconds since the epoch; sleeping moves it and returns at once.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// Milliseconds since the epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system"
    )]
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default(),
            Self::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// The present instant, to the millisecond.
    pub fn now(&self) -> DateTime<Utc> {
        let ms = i64::try_from(self.now_ms()).unwrap_or(i64::MAX);
        Utc.timestamp_millis_opt(ms).single().unwrap_or_default()
    }

    /// Waits for `duration`; a manual clock is moved by it instead.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::System => tokio::time::sleep(duration).await,
            Self::Manual(now) => {
                let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                now.fetch_add(ms, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    }
}
