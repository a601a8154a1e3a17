//! What probing documents found last.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What was found when documents were looked at last.
#[derive(Debug, Default)]
pub(super) struct Probed(Mutex<State>);

#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether one of them could be read; none before anybody looked.
    pub(super) answered: Option<bool>,
    /// Those that could not, each with the reason that was told.
    pub(super) faults: BTreeMap<String, String>,
}

impl Probed {
    pub(super) fn with<T>(&self, then: impl FnOnce(&mut State) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
