//! The limit of concurrent calls per person.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::principal::Person;

/// Calls in flight of one person; the limit of the process applies as well.
pub(super) const CALLS_PER_PERSON: usize = 32;
/// Calls of one person that may wait for a place: agents send many at once, and most are short.
const WAITING_PER_PERSON: usize = 32;

/// The calls of each person. A person without a call has no entry.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<Arc<str>, PersonPlaces>>);

/// The calls of one person.
#[derive(Debug)]
struct PersonPlaces {
    free: Arc<Semaphore>,
    /// Calls that run or wait to run.
    calls: usize,
}

impl Default for PersonPlaces {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(CALLS_PER_PERSON)),
            calls: 0,
        }
    }
}

/// The place of one call, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot<'s> {
    pub(super) _process: SemaphorePermit<'s>,
    pub(super) _person: Option<PersonSlot<'s>>,
}

/// One call of a person, which has its place or waits for it.
#[derive(Debug)]
pub(super) struct PersonSlot<'s> {
    place: Option<OwnedSemaphorePermit>,
    places: &'s Places,
    user: Arc<str>,
}

impl Places {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Arc<str>, PersonPlaces>) -> T) -> T {
        // A panic leaves the counts consistent.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place for one more call of `person`, first come, first served; `None` when there is none
    /// within `patience`.
    pub(super) async fn enter(
        &self,
        person: &Person,
        patience: Duration,
    ) -> Option<PersonSlot<'_>> {
        let user = Arc::clone(&person.user);
        let free = self.with(|people| {
            let places = people.entry(Arc::clone(&user)).or_default();
            (places.calls < CALLS_PER_PERSON + WAITING_PER_PERSON).then(|| {
                places.calls += 1;
                Arc::clone(&places.free)
            })
        })?;
        let mut call = PersonSlot {
            place: None,
            places: self,
            user,
        };
        let place = tokio::time::timeout(patience, free.acquire_owned()).await;
        call.place = Some(place.ok()?.ok()?);
        Some(call)
    }
}

impl Drop for PersonSlot<'_> {
    fn drop(&mut self) {
        self.places.with(|people| {
            if let Some(places) = people.get_mut(&self.user) {
                places.calls -= 1;
                if places.calls == 0 {
                    people.remove(&self.user);
                }
            }
        });
    }
}
