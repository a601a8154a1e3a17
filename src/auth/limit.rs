//! Rate limits.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::clock::Clock;

/// Milliseconds of a window.
const WINDOW: u64 = 60_000;
/// Keys that are counted separately. A flood from more keys than that is refused as a whole.
const APART: usize = 16_384;

/// Counts what each key does in a minute.
pub struct Rate<K> {
    most: u32,
    seen: Mutex<HashMap<K, (u64, u32)>>,
}

impl<K: Hash + Eq> Rate<K> {
    /// At most `most` in a minute.
    pub fn per_minute(most: u32) -> Self {
        Self {
            most,
            seen: Mutex::default(),
        }
    }

    /// Counts one more for `key`; whether that is within the limit.
    pub fn take(&self, key: K, clock: &Clock) -> bool {
        let now = clock.now_ms();
        let is_new = |from: u64| now.saturating_sub(from) < WINDOW;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= APART && !seen.contains_key(&key) {
            seen.retain(|_, (from, _)| is_new(*from));
            if seen.len() >= APART {
                return false;
            }
        }
        let (from, count) = seen.entry(key).or_insert((now, 0));
        if !is_new(*from) {
            (*from, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

impl<K> fmt::Debug for Rate<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rate({} a minute)", self.most)
    }
}

/// Where a request comes from, by the transport. An IPv6 network of 64 bits is one source, since
/// one customer usually has all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Source(Option<IpAddr>);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                IpAddr::V6(network.into())
            }
            address @ IpAddr::V4(_) => address,
        }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn a_key_has_its_own_minute() {
        let now = Arc::new(AtomicU64::new(1_000_000));
        let clock = Clock::Manual(Arc::clone(&now));
        let rate = Rate::per_minute(2);
        let source = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
        let (one, other) = (source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_eq!(one, source("2001:db8::ffff"));
        assert!(rate.take(one, &clock) && rate.take(one, &clock));
        assert!(!rate.take(one, &clock));
        assert!(rate.take(other, &clock));
        now.fetch_add(WINDOW, Ordering::SeqCst);
        assert!(rate.take(one, &clock));
    }

    #[test]
    fn five_a_minute_is_five_however_they_are_spread_over_it() {
        let now = Arc::new(AtomicU64::new(1_000_000));
        let clock = Clock::Manual(Arc::clone(&now));
        let rate = Rate::per_minute(5);
        let mut taken = 0;
        for _ in 0..60 {
            taken += u32::from(rate.take("ann", &clock));
            now.fetch_add(1_000, Ordering::SeqCst);
        }
        assert_eq!(taken, 5);
        assert!(rate.take("ann", &clock));
    }

    #[test]
    fn a_flood_of_keys_refuses_new_ones_and_spares_those_already_counted() {
        let now = Arc::new(AtomicU64::new(1_000_000));
        let clock = Clock::Manual(Arc::clone(&now));
        let rate = Rate::per_minute(5);
        for key in 0..APART {
            assert!(rate.take(key, &clock));
        }
        assert!(!rate.take(APART, &clock), "a new key");
        assert!(rate.take(0, &clock), "a known key");
        now.fetch_add(WINDOW, Ordering::SeqCst);
        assert!(rate.take(APART, &clock), "a new key a minute later");
    }
}
