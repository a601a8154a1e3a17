//! The credential cache.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::unsync::Cache;

use crate::kestra::Held;
use crate::store::Ms;

/// Milliseconds for which a database row counts, as for access tokens.
const FRESH: Ms = 2_000;
/// Credentials that are cached; one more evicts one that is little used.
const MOST: usize = 1_024;

/// An opened credential.
#[derive(Clone)]
pub(super) struct Opened {
    /// The sealed bytes it was opened from. Other bytes are another credential.
    pub(super) sealed: Vec<u8>,
    pub(super) held: Arc<Held>,
    /// When to ask Kestra again whose it is.
    pub(super) ask_at: Ms,
    /// Whether it may do everything; none if Kestra did not say.
    pub(super) administrator: Option<bool>,
    /// Whether asking Kestra again was due and failed.
    pub(super) is_overdue: bool,
    /// When its use was last noted.
    pub(super) used_at: Option<Ms>,
    /// When its row was last read.
    pub(super) read_at: Ms,
}

/// What a call needs to know about it.
pub(super) struct Found {
    pub(super) held: Arc<Held>,
    pub(super) administrator: Option<bool>,
    pub(super) is_overdue: bool,
}

impl Opened {
    pub(super) fn found(&self) -> Found {
        Found {
            held: Arc::clone(&self.held),
            administrator: self.administrator,
            is_overdue: self.is_overdue,
        }
    }
}

/// At most one per person, by our id of the person.
#[derive(Default)]
pub(super) struct CredentialCache(Mutex<Remembered>);

struct Remembered {
    opened: Cache<String, Opened>,
    /// How many were removed.
    epoch: u64,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            opened: Cache::new(MOST),
            epoch: 0,
        }
    }
}

impl CredentialCache {
    fn with<T>(&self, act: impl FnOnce(&mut Remembered) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The credential of `user`, if its row was read a moment before `now`.
    pub(super) fn fresh(&self, user: &str, now: Ms) -> Option<Found> {
        self.with(|remembered| {
            let opened = remembered.opened.get(user)?;
            let is_fresh = (0..FRESH).contains(&now.saturating_sub(opened.read_at));
            is_fresh.then(|| opened.found())
        })
    }

    /// The credential of `user`, if it was opened from these bytes.
    pub(super) fn get(&self, user: &str, sealed: &[u8]) -> Option<Opened> {
        self.with(|remembered| remembered.opened.get(user).cloned())
            .filter(|opened| opened.sealed == sealed)
    }

    /// Read this before reading a row that is then [`put`](Self::put) here.
    pub(super) fn epoch(&self) -> u64 {
        self.with(|remembered| remembered.epoch)
    }

    /// Caches `new`, unless one was removed since `epoch`: its row may be older than that.
    pub(super) fn put(&self, user: &str, new: Opened, epoch: u64) {
        self.with(|remembered| {
            if remembered.epoch == epoch {
                remembered.opened.insert(user.to_owned(), new);
            }
        });
    }

    /// Removes the credential of `user`, after it was changed.
    pub(super) fn forget(&self, user: &str) {
        self.with(|remembered| {
            remembered.epoch = remembered.epoch.wrapping_add(1);
            remembered.opened.remove(user);
        });
    }

    /// Removes the credential of `user`, who has no row. Others need not wait for this change.
    pub(super) fn drop_row(&self, user: &str) {
        self.with(|remembered| remembered.opened.remove(user));
    }
}

impl std::fmt::Debug for CredentialCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialCache")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Ms = 1_000;

    fn opened() -> Opened {
        Opened {
            sealed: Vec::new(),
            held: Arc::default(),
            ask_at: NOW,
            administrator: None,
            is_overdue: false,
            used_at: None,
            read_at: NOW,
        }
    }

    #[test]
    fn the_1025th_person_does_not_evict_the_first_1024() {
        let cache = CredentialCache::default();
        let held = || (0..=MOST).filter(|user| cache.fresh(&user.to_string(), NOW).is_some());
        for user in 0..MOST {
            cache.put(&user.to_string(), opened(), 0);
        }
        assert_eq!(held().count(), MOST);
        let last = MOST.to_string();
        cache.put(&last, opened(), 0);
        assert_eq!(held().count(), MOST);
        assert!(cache.fresh(&last, NOW).is_some());
    }

    #[test]
    fn an_evicted_or_forgotten_credential_is_dropped_at_once() {
        let cache = CredentialCache::default();
        let weak: Vec<_> = (0..=MOST)
            .map(|user| {
                let opened = opened();
                let weak = Arc::downgrade(&opened.held);
                cache.put(&user.to_string(), opened, 0);
                weak
            })
            .collect();
        let alive = || weak.iter().filter(|held| held.strong_count() > 0).count();
        assert_eq!(alive(), MOST);
        cache.forget(&MOST.to_string());
        assert_eq!(alive(), MOST - 1);
    }
}
