//! The vault: the Kestra credentials that people store.
//!
//! Whom it serves: the account page, which stores and removes a credential, and every tool call,
//! which uses one. What it promises: each credential is sealed for one person, one Kestra URL and
//! one tenant, and opens for nothing else; none is stored before Kestra has accepted it; one that
//! Kestra refuses is not used again; and a row that does not open is an error, never "no
//! credential", so that whoever moved it gains nothing.

mod cache;
mod credential;
mod credential_error;
mod link;
mod not_stored;
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
use cache::CredentialCache;

pub use credential_error::CredentialError;
pub use not_stored::NotStored;

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
    opened: CredentialCache,
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
            opened: CredentialCache::default(),
            tries: Rate::per_minute(TRIES),
        }
    }

    fn now(&self) -> Ms {
        Ms::try_from(self.clock.now_ms()).unwrap_or(Ms::MAX)
    }

    fn recheck_interval(&self) -> Ms {
        Ms::try_from(self.settings.recheck.as_millis()).unwrap_or(Ms::MAX)
    }

    /// The row of `user` for the configured Kestra; none if no Kestra is configured.
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
