//! Who may come in: the OAuth 2.1 authorization server, sign-in at identity providers, and the
//! credentials that people keep here.

pub mod client;
pub mod error;
pub mod form;
pub mod limit;
pub mod provider;
pub mod random;
pub mod redirect;
pub mod scope;

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::http::{Http, Public};
use crate::kestra::Kestra;
use crate::policy::Policy;
use crate::store::Store;

pub use error::Error;

/// What every endpoint needs. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Auth(pub(crate) Arc<Inner>);

/// See [`Auth`].
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Arc<Http>,
    pub(crate) public: Public,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) policy: Policy,
    pub(crate) kestra: Arc<Kestra>,
}
