//! One request with a refresh token at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

use crate::store::Hash;

/// Lets requests with the same refresh token in one after the other, so that of duplicates, which
/// clients send, the later ones find what the first one did.
#[derive(Debug, Default)]
pub(in crate::auth) struct Turns(Mutex<HashMap<Hash, Weak<Lock<()>>>>);

impl Turns {
    /// Waits until no other request with this token is at work.
    pub(super) async fn take(&self, token: Hash) -> OwnedMutexGuard<()> {
        let lock = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, lock| lock.strong_count() > 0);
            let known = turns.get(&token).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let lock = Arc::new(Lock::new(()));
                turns.insert(token, Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }
}
