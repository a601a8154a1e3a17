//! The Kestra credentials that people keep here: each sealed to its person, the address of Kestra and
//! the tenant. What does not open is an error, never nothing: whoever moved it must not make this
//! server go on without.

mod cache;
mod held;
mod held_error;
mod link;
mod not_kept;
mod owner;
mod save;
mod seal;
mod vouch;

use std::sync::Arc;

use crate::auth::limit::Rate;
use crate::auth::parts::Parts;
use crate::clock::Clock;
use crate::config::http::Credentials;
use crate::kestra::Kestra;
use crate::store::{self, KeyRing, Ms, Store};
use cache::Shelf;

pub use held_error::HeldError;
pub use not_kept::NotKept;

/// Credentials that a person may try in a minute.
const TRIES: u32 = 5;

/// See the module.
#[derive(Debug)]
pub(crate) struct Vault {
    store: Arc<dyn Store>,
    ring: Arc<KeyRing>,
    clock: Clock,
    kestra: Arc<Kestra>,
    settings: Credentials,
    issuer: Arc<str>,
    opened: Shelf,
    tries: Rate<String>,
}

impl Vault {
    pub(super) fn new(parts: &Parts) -> Self {
        Self {
            store: Arc::clone(&parts.store),
            ring: Arc::clone(&parts.ring),
            clock: parts.clock.clone(),
            kestra: Arc::clone(&parts.kestra),
            settings: parts.config.credentials.clone(),
            issuer: Arc::clone(&parts.public.issuer),
            opened: Shelf::default(),
            tries: Rate::per_minute(TRIES),
        }
    }

    fn now(&self) -> Ms {
        Ms::try_from(self.clock.now_ms()).unwrap_or(Ms::MAX)
    }

    fn recheck(&self) -> Ms {
        Ms::try_from(self.settings.recheck.as_millis()).unwrap_or(Ms::MAX)
    }

    /// What is kept of `owner` for the configured Kestra; none where none is configured.
    async fn row(&self, user: &str) -> store::Result<Option<store::Credential>> {
        match self.kestra.base() {
            Some(base) => {
                self.store
                    .credential(user, base, self.kestra.tenant())
                    .await
            }
            None => Ok(None),
        }
    }
}
