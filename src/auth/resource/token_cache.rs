//! Access tokens that were checked lately.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::server::signing::Claims;
use crate::principal::Person;

/// Milliseconds for which an answer of the database is believed.
const FRESH: u64 = 2_000;

/// Tokens that are remembered.
const MOST: usize = 8_192;

/// A token whose signature was checked, and what the database last said of it.
pub(super) struct Seen {
    pub(super) claims: Claims,
    pub(super) person: Arc<Person>,
    /// When the database was asked.
    pub(super) checked: u64,
    /// How often something had been revoked here by then.
    pub(super) epoch: u64,
}

/// Tokens seen lately, by their SHA-256.
#[derive(Default)]
pub(in crate::auth) struct Checks {
    seen: Mutex<HashMap<[u8; 32], Seen>>,
    pub(super) epoch: AtomicU64,
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checks")
    }
}

impl Checks {
    /// The claims of a token, with its person while that is fresh.
    pub(super) fn get(&self, token: &[u8; 32], now: u64) -> Option<(Claims, Option<Arc<Person>>)> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.get(token)?;
        let age = now.checked_sub(known.checked);
        let is_fresh = known.epoch == epoch && age.is_some_and(|age| age < FRESH);
        if is_fresh && !is_over(&known.claims, now) {
            return Some((known.claims.clone(), Some(Arc::clone(&known.person))));
        }
        Some((known.claims.clone(), None))
    }

    pub(super) fn put(&self, token: [u8; 32], new: Seen) {
        let now = new.checked;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, known| !is_over(&known.claims, now));
        }
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert(token, new);
    }

    pub(super) fn forget(&self, token: &[u8; 32]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(token);
    }
}

pub(super) fn is_over(claims: &Claims, now: u64) -> bool {
    now >= claims.exp.saturating_mul(1000)
}
