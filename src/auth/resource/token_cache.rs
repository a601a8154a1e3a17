//! Access tokens that were verified recently.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::unsync::Cache;

use crate::auth::server::signing::Claims;
use crate::principal::Person;

/// Milliseconds for which an answer of the database counts.
const FRESH: u64 = 2_000;

/// Tokens that are cached; one more evicts one that is little used.
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
pub(in crate::auth) struct TokenCache {
    seen: Mutex<Cache<[u8; 32], CachedToken>>,
    pub(super) epoch: AtomicU64,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self {
            seen: Mutex::new(Cache::new(MOST)),
            epoch: AtomicU64::default(),
        }
    }
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
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Scopes;
    use sha2::{Digest as _, Sha256};

    fn seen() -> CachedToken {
        let text = String::new;
        let name: Arc<str> = "".into();
        CachedToken {
            claims: Claims {
                iss: text(),
                sub: text(),
                aud: text(),
                client_id: text(),
                scope: text(),
                sid: text(),
                jti: text(),
                iat: 0,
                exp: 3_600,
                nbf: None,
            },
            person: Arc::new(Person {
                user: Arc::clone(&name),
                issuer: Arc::clone(&name),
                subject: Arc::clone(&name),
                name: Arc::clone(&name),
                client_id: Arc::clone(&name),
                grant: Arc::clone(&name),
                token: name,
                roles: [].into(),
                scopes: Scopes::Read,
            }),
            checked: 1_000,
            epoch: 0,
        }
    }

    fn token(number: usize) -> [u8; 32] {
        Sha256::digest(number.to_le_bytes()).into()
    }

    #[test]
    fn one_token_more_than_the_cache_holds_evicts_one() {
        let cache = TokenCache::default();
        let kept = || (0..=MOST).filter(|number| cache.get(&token(*number), 1_000).is_some());
        for number in 0..MOST {
            cache.put(token(number), seen());
        }
        assert_eq!(kept().count(), MOST);
        cache.put(token(MOST), seen());
        assert_eq!(kept().count(), MOST);
        assert!(cache.get(&token(MOST), 1_000).is_some());
        cache.forget(&token(MOST));
        assert!(cache.get(&token(MOST), 1_000).is_none());
    }
}
