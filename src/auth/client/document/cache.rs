//! Documents as they were read last.

use std::sync::{Mutex, PoisonError};

use quick_cache::unsync::Cache;

use crate::store::{Client, Ms};

/// Documents that are kept; one more evicts one that is little used.
const KEPT: usize = 1024;

#[derive(Debug)]
struct Kept {
    client: Client,
    /// When its server is to be asked again.
    until: Ms,
}

/// Clients of documents by their ids; each says in `created` when its document was read.
#[derive(Debug)]
pub(super) struct Shelf(Mutex<Cache<String, Kept>>);

impl Default for Shelf {
    fn default() -> Self {
        Self(Mutex::new(Cache::new(KEPT)))
    }
}

impl Shelf {
    fn with<T>(&self, then: impl FnOnce(&mut Cache<String, Kept>) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The client, while its server need not be asked.
    pub(super) fn fresh(&self, id: &str, now: Ms) -> Option<Client> {
        self.with(|all| {
            let kept = all.get(id)?;
            (now < kept.until).then(|| kept.client.clone())
        })
    }

    /// The client as it was read last, whenever that was.
    pub(super) fn last(&self, id: &str) -> Option<Client> {
        self.with(|all| all.get(id).map(|kept| kept.client.clone()))
    }

    /// Keeps it, and has nobody ask again for so many seconds.
    pub(super) fn put(&self, client: &Client, seconds: u64, now: Ms) {
        let seconds = Ms::try_from(seconds).unwrap_or(Ms::MAX);
        let kept = Kept {
            client: client.clone(),
            until: now.saturating_add(seconds.saturating_mul(1000)),
        };
        self.with(|all| all.insert(client.id.clone(), kept));
    }

    /// Forgets it.
    pub(super) fn forget(&self, id: &str) {
        self.with(|all| all.remove(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{AuthMethod, ClientKind};

    fn client(number: usize) -> Client {
        Client {
            id: number.to_string(),
            kind: ClientKind::Metadata,
            name: String::new(),
            auth_method: AuthMethod::None,
            secret: None,
            redirect_uris: Vec::new(),
            application_type: String::new(),
            grant_types: Vec::new(),
            scope: None,
            created: 0,
            last_used: None,
        }
    }

    #[test]
    fn one_document_more_than_the_cache_holds_evicts_one() {
        let cache = Shelf::default();
        let kept = || (0..=KEPT).filter(|number| cache.last(&number.to_string()).is_some());
        for number in 0..=KEPT {
            cache.put(&client(number), 60, 0);
        }
        assert_eq!(kept().count(), KEPT);
        assert!(cache.fresh(&KEPT.to_string(), 59_999).is_some());
        assert!(cache.fresh(&KEPT.to_string(), 60_000).is_none());
    }

    #[test]
    fn a_flood_of_new_documents_does_not_evict_one_that_is_in_use() {
        let cache = Shelf::default();
        for number in 0..4 * KEPT {
            cache.put(&client(number), 60, 0);
            assert!(cache.fresh("0", 0).is_some(), "after {number} others");
        }
    }
}
