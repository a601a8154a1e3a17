//! One request per refresh token at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

use crate::store::Hash;

/// Serializes requests with the same refresh token, so that of duplicates, which clients do send,
/// the later ones see the result of the first.
#[derive(Debug, Default)]
pub(in crate::auth) struct RefreshLocks(Mutex<HashMap<Hash, Weak<Lock<()>>>>);

impl RefreshLocks {
    /// Waits until no other request with this token is in progress.
    pub(super) async fn lock(&self, token: Hash) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| lock.strong_count() > 0);
            let known = locks.get(&token).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let lock = Arc::new(Lock::new(()));
                locks.insert(token, Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }
}
