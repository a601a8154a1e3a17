//! The result of the last probe.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The result of the last probe.
#[derive(Debug, Default)]
pub(super) struct Probed(Mutex<State>);

#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether one of the documents could be read; none before the first probe.
    pub(super) answered: Option<bool>,
    /// Those that could not, each with the cause that was logged.
    pub(super) faults: BTreeMap<String, String>,
}

impl Probed {
    pub(super) fn with<T>(&self, then: impl FnOnce(&mut State) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
