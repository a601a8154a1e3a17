//! Access tokens that were verified recently.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::server::signing::Claims;
use crate::principal::Person;

/// Milliseconds for which an answer of the database counts.
const FRESH: u64 = 2_000;

/// Tokens that are cached.
const MOST: usize = 8_192;

/// A token whose signature was verified, and what the database last said about it.
pub(super) struct CachedToken {
    pub(super) claims: Claims,
    pub(super) person: Arc<Person>,
    /// When the database was asked.
    pub(super) checked: u64,
    /// How many revocations there had been on this server by then.
    pub(super) epoch: u64,
}

/// Verified tokens by their SHA-256.
#[derive(Default)]
pub(in crate::auth) struct TokenCache {
    seen: Mutex<HashMap<[u8; 32], CachedToken>>,
    pub(super) epoch: AtomicU64,
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenCache")
    }
}

impl TokenCache {
    /// The claims of a token, and its person while the answer of the database is fresh.
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

    pub(super) fn put(&self, token: [u8; 32], new: CachedToken) {
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
