//! What an authorization server is made of.

use std::sync::Arc;

use crate::auth::client::document::Outside;
use crate::clock::Clock;
use crate::config::http::{Http, Public};
use crate::kestra::Kestra;
use crate::policy::Policy;
use crate::store::{KeyRing, Store};

/// What an authorization server is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its settings.
    pub config: Arc<Http>,
    /// Under which address the world knows it.
    pub public: Public,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What seals it.
    pub ring: Arc<KeyRing>,
    /// The time.
    pub clock: Clock,
    /// What roles allow.
    pub policy: Policy,
    /// The Kestra that people have credentials for.
    pub kestra: Arc<Kestra>,
    /// Where client metadata documents come from.
    pub outside: Outside,
}
