//! Credentials that were opened lately.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::kestra::Held;
use crate::store::Ms;

/// Credentials that are remembered.
const MOST: usize = 1_024;

/// A credential that was opened.
#[derive(Clone)]
pub(super) struct Opened {
    /// Its id.
    pub(super) id: String,
    /// What was opened: what differs is another one.
    pub(super) sealed: Vec<u8>,
    pub(super) held: Arc<Held>,
    /// When Kestra is to be asked again whose it is.
    pub(super) ask_at: Ms,
    /// Whether Kestra said that it may do everything.
    pub(super) administrator: bool,
    /// When it was last noted that it is used.
    pub(super) used_at: Option<Ms>,
}

/// At most one for each person, by our id of the person.
#[derive(Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Opened>>);

impl Shelf {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, Opened>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The one of `user`, if it was opened from these bytes.
    pub(super) fn get(&self, user: &str, sealed: &[u8]) -> Option<Opened> {
        self.with(|opened| opened.get(user).cloned())
            .filter(|opened| opened.sealed == sealed)
    }

    pub(super) fn put(&self, user: &str, new: Opened) {
        self.with(|opened| {
            if opened.len() >= MOST && !opened.contains_key(user) {
                opened.clear();
            }
            opened.insert(user.to_owned(), new);
        });
    }

    /// Forgets the one of `user`; its id, if there was one.
    pub(super) fn forget(&self, user: &str) -> Option<String> {
        self.with(|opened| opened.remove(user))
            .map(|opened| opened.id)
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}
