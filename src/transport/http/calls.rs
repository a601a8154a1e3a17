//! The calls in flight, for `notifications/cancelled`.
//!
//! There are no sessions, so a request is identified by its grant and its id. Two clients may share a
//! grant, and a client may use an id twice: if several calls match, none is cancelled.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::tool::Delivery;

/// A grant, and the id of a request as JSON.
type Key = (Arc<str>, String);

/// The calls of this process.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<HashMap<Key, Vec<Delivery>>>>);

/// A call in flight, until it is dropped.
#[derive(Debug)]
pub(super) struct InFlight {
    calls: Calls,
    key: Key,
    delivery: Delivery,
}

impl Calls {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Key, Vec<Delivery>>) -> T) -> T {
        // The table is consistent after any panic.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Registers a call whose answer is delivered by `delivery`.
    pub(super) fn enter(&self, grant: &Arc<str>, id: &Value, delivery: &Delivery) -> InFlight {
        let key = (Arc::clone(grant), id.to_string());
        self.with(|calls| {
            let same = calls.entry(key.clone()).or_default();
            same.push(delivery.clone());
        });
        InFlight {
            calls: self.clone(),
            key,
            delivery: delivery.clone(),
        }
    }

    /// Ends the wait of the one call of `grant` with `id`. What it started in Kestra goes on.
    pub(super) fn take_back(&self, grant: &Arc<str>, id: &Value) {
        let key = (Arc::clone(grant), id.to_string());
        let found = self.with(|calls| calls.get(&key).cloned().unwrap_or_default());
        match &found[..] {
            [] => tracing::debug!("a call was cancelled that is not in flight here"),
            [one] => {
                tracing::info!("a call was cancelled by its client");
                one.gone().cancel();
            }
            several => tracing::info!(
                calls = several.len(),
                "a cancelled request fits several calls in flight, so none is ended"
            ),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Self {
            calls,
            key,
            delivery,
        } = self;
        calls.with(|calls| {
            if let Some(same) = calls.get_mut(key) {
                if let Some(own) = same.iter().position(|other| other.is(delivery)) {
                    same.swap_remove(own);
                }
                if same.is_empty() {
                    calls.remove(key);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_one_call_of_that_grant_and_id_is_ended() {
        let calls = Calls::default();
        let (ann, ben): (Arc<str>, Arc<str>) = ("ann".into(), "ben".into());
        let all: Vec<_> = [(&ann, json!(1)), (&ann, json!("1")), (&ben, json!(1))]
            .into_iter()
            .map(|(grant, id)| {
                let delivery = Delivery::default();
                (calls.enter(grant, &id, &delivery), delivery)
            })
            .collect();
        calls.take_back(&ann, &json!(2));
        calls.take_back(&ann, &json!(1));
        let ended: Vec<bool> = all
            .iter()
            .map(|(_, call)| call.gone().is_cancelled())
            .collect();
        assert_eq!(ended, [true, false, false]);
        drop(all);
        assert!(calls.with(|calls| calls.is_empty()));
    }

    #[test]
    fn of_two_that_fit_none_is_ended() {
        let calls = Calls::default();
        let ann: Arc<str> = "ann".into();
        let (one, other) = (Delivery::default(), Delivery::default());
        let first = calls.enter(&ann, &json!(1), &one);
        let _second = calls.enter(&ann, &json!(1), &other);
        calls.take_back(&ann, &json!(1));
        assert!(!one.gone().is_cancelled() && !other.gone().is_cancelled());
        drop(first);
        calls.take_back(&ann, &json!(1));
        assert!(!one.gone().is_cancelled() && other.gone().is_cancelled());
    }
}
