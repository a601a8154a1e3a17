//! The client document cache.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::store::{Client, Ms};

/// Clients that are cached.
const KEPT: usize = 1024;

#[derive(Debug)]
struct Kept {
    client: Client,
    /// When the document is to be fetched again.
    until: Ms,
}

/// Clients by their ids; `created` of each is when its document was fetched.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Kept>>);

impl Shelf {
    fn with<T>(&self, then: impl FnOnce(&mut HashMap<String, Kept>) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The client, while its document need not be fetched again.
    pub(super) fn fresh(&self, id: &str, now: Ms) -> Option<Client> {
        self.with(|all| {
            let kept = all.get(id)?;
            (now < kept.until).then(|| kept.client.clone())
        })
    }

    /// The client as last fetched, however long ago.
    pub(super) fn last(&self, id: &str) -> Option<Client> {
        self.with(|all| all.get(id).map(|kept| kept.client.clone()))
    }

    /// Caches it; its document is not fetched again for `seconds`.
    pub(super) fn put(&self, client: &Client, seconds: u64, now: Ms) {
        let seconds = Ms::try_from(seconds).unwrap_or(Ms::MAX);
        let kept = Kept {
            client: client.clone(),
            until: now.saturating_add(seconds.saturating_mul(1000)),
        };
        self.with(|all| {
            if all.len() >= KEPT && !all.contains_key(&client.id) {
                let oldest = all.iter().min_by_key(|(_, kept)| kept.client.created);
                if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                    all.remove(&id);
                }
            }
            all.insert(client.id.clone(), kept);
        });
    }

    /// Removes it.
    pub(super) fn forget(&self, id: &str) {
        self.with(|all| all.remove(id));
    }
}
