//! What the authorization server is built from.

use std::sync::Arc;

use crate::auth::client::document::Network;
use crate::clock::Clock;
use crate::config::http::{Http, Public};
use crate::kestra::Kestra;
use crate::policy::Policy;
use crate::store::{KeyRing, Store};

/// What the authorization server is built from.
#[derive(Debug)]
pub struct Parts {
    /// Its settings.
    pub config: Arc<Http>,
    /// Its public URL, which is its issuer URL.
    pub public: Public,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The keys that seal values in the database.
    pub ring: Arc<KeyRing>,
    /// The clock.
    pub clock: Clock,
    /// What each role allows.
    pub policy: Policy,
    /// The Kestra whose credentials people store.
    pub kestra: Arc<Kestra>,
    /// The network that client metadata documents are fetched over.
    pub network: Network,
}
