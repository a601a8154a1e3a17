//! What the endpoints share: the settings, the database, the clock, and what is cached between
//! requests.

use std::sync::Arc;

use crate::auth::client::document::Documents;
use crate::auth::limit::{Rate, Source};
use crate::auth::provider::Provider;
use crate::auth::resource::token_cache::TokenCache;
use crate::auth::server::signing::Signing;
use crate::auth::server::token::RefreshLocks;
use crate::auth::vault::Vault;
use crate::clock::Clock;
use crate::config::http::{Http, Public};
use crate::kestra::Kestra;
use crate::policy::Policy;
use crate::store::{Hash, KeyRing, Ms, Store};

/// What every endpoint needs. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Auth(pub(crate) Arc<Inner>);

/// See [`Auth`].
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Arc<Http>,
    pub(crate) public: Public,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) clock: Clock,
    pub(crate) policy: Policy,
    pub(crate) kestra: Arc<Kestra>,
    pub(in crate::auth) signing: Signing,
    pub(in crate::auth) token_cache: TokenCache,
    pub(in crate::auth) documents: Documents,
    pub(in crate::auth) registrations: Rate<Source>,
    pub(in crate::auth) refresh_locks: RefreshLocks,
    pub(in crate::auth) sign_ins: Rate<Source>,
    pub(in crate::auth) consents: Rate<Source>,
    pub(in crate::auth) renderings: Rate<Hash>,
    pub(in crate::auth) vault: Vault,
    /// Never empty.
    pub(crate) providers: Vec<Provider>,
}

impl Auth {
    /// Milliseconds since the epoch.
    pub(crate) fn now(&self) -> Ms {
        Ms::try_from(self.0.clock.now_ms()).unwrap_or(Ms::MAX)
    }
}
