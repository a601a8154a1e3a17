//! One save at a time of each object.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::tool::CallCtx;
use crate::tool::error::Error;
use crate::tool::path::steps::FOR_A_CHANGE;

/// A Kestra, a tenant of it, and the name of an object there.
type Key = (Arc<str>, Arc<str>, String);

/// The objects that are being saved. An entry without a waiting call is removed.
static OBJECTS: Mutex<BTreeMap<Key, Arc<tokio::sync::Mutex<()>>>> = Mutex::new(BTreeMap::new());

/// The right to save one object, until it is dropped.
pub(super) struct Saving {
    key: Key,
    held: Option<OwnedMutexGuard<()>>,
}

impl Saving {
    /// Waits for the current save of the object `name`, as long as the call has time.
    ///
    /// # Errors
    /// [`Error::Busy`] when they have not ended by then, [`Error::Cancelled`].
    pub(super) async fn of(ctx: &CallCtx, name: &str) -> Result<Self, Error> {
        let (base, tenant) = (Arc::clone(&ctx.base), Arc::clone(&ctx.tenant));
        let key = (base, tenant, name.to_owned());
        let object = Arc::clone(
            OBJECTS
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(key.clone())
                .or_default(),
        );
        let mut saving = Self { key, held: None };
        let patience = ctx.left().saturating_sub(FOR_A_CHANGE);
        tokio::select! {
            held = object.lock_owned() => saving.held = Some(held),
            () = ctx.clock.sleep(patience) => {
                return Err(Error::Busy { name: name.to_owned() });
            }
            () = ctx.cancel.cancelled() => return Err(Error::Cancelled),
        }
        Ok(saving)
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        self.held = None;
        let mut objects = OBJECTS.lock().unwrap_or_else(PoisonError::into_inner);
        // The one in the table is the last.
        if objects
            .get(&self.key)
            .is_some_and(|object| Arc::strong_count(object) == 1)
        {
            objects.remove(&self.key);
        }
    }
}
