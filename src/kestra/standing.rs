//! The last known standing of the shared account.

use std::time::Duration;

use tokio::sync::Mutex;

/// What Kestra says of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may do what its roles allow; or nobody has to know.
    Ordinary,
    /// It may do everything, or Kestra does not say whether it may.
    TooPowerful,
    /// Kestra did not answer in time.
    Overdue,
}

/// What it said last. One question at a time.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// How often it is asked; none is never.
    pub(super) recheck: Option<Duration>,
    pub(super) last: Mutex<Option<Last>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) standing: Standing,
    pub(super) ask_at: u64,
}

impl Shared {
    pub(super) fn every(recheck: Duration) -> Self {
        Self {
            recheck: Some(recheck),
            last: Mutex::default(),
        }
    }
}
