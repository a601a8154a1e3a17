//! The client document cache.

use std::sync::{Mutex, PoisonError};

use quick_cache::unsync::Cache;

use crate::store::{Client, Ms};

/// Documents that are cached; one more evicts one that is little used.
const MOST: usize = 1024;

#[derive(Debug)]
struct CachedClient {
    client: Client,
    /// When the document is to be fetched again.
    until: Ms,
}

/// Clients of documents by their ids; each says in `created` when its document was read.
#[derive(Debug)]
pub(super) struct DocumentCache(Mutex<Cache<String, CachedClient>>);

impl Default for DocumentCache {
    fn default() -> Self {
        Self(Mutex::new(Cache::new(MOST)))
    }
}

impl DocumentCache {
    fn with<T>(&self, then: impl FnOnce(&mut Cache<String, CachedClient>) -> T) -> T {
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
        let kept = CachedClient {
            client: client.clone(),
            until: now.saturating_add(seconds.saturating_mul(1000)),
        };
        self.with(|all| all.insert(client.id.clone(), kept));
    }

    /// Removes it.
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
        let cache = DocumentCache::default();
        let kept = || (0..=MOST).filter(|number| cache.last(&number.to_string()).is_some());
        for number in 0..=MOST {
            cache.put(&client(number), 60, 0);
        }
        assert_eq!(kept().count(), MOST);
        assert!(cache.fresh(&MOST.to_string(), 59_999).is_some());
        assert!(cache.fresh(&MOST.to_string(), 60_000).is_none());
    }

    #[test]
    fn a_flood_of_new_documents_does_not_evict_one_that_is_in_use() {
        let cache = DocumentCache::default();
        for number in 0..4 * MOST {
            cache.put(&client(number), 60, 0);
            assert!(cache.fresh("0", 0).is_some(), "after {number} others");
        }
    }
}
