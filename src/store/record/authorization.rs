//! Authorizations on their way, and what is kept of a login at a provider.

use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::store::hash::Hash;
use crate::store::time::Ms;

/// An authorization request that was consented to, and waits for a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// By which it was spent.
    pub id: Hash,
    /// The client as it was when it asked.
    pub client: Client,
    /// The redirect URI of this request, byte for byte.
    pub redirect_uri: String,
    /// What will be granted, such as `kestra:read kestra:write`; `offline_access` when asked for.
    pub scopes: String,
    /// The resource.
    pub resource: String,
    /// `code_challenge` (S256).
    pub challenge: String,
    /// `state` of the client.
    pub client_state: Option<String>,
    /// After that it is gone.
    pub expires: Ms,
}

/// What a login at the identity provider is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An authorization that was consented to: the whole transaction, which is spent by then.
    Authorization(Box<Transaction>),
    /// Our own account page; a ticket says who must come.
    Account {
        /// Of the link's ticket.
        ticket: Option<Hash>,
    },
}

/// Our own leg at the identity provider.
#[derive(Clone, Debug)]
pub struct UpstreamState {
    /// Of `state`.
    pub state: Hash,
    /// The provider: its configured id and its issuer.
    pub provider: String,
    /// Where to go afterwards.
    pub target: Target,
    /// Of the cookie of the browser that left.
    pub browser: Hash,
    /// `nonce`, sealed.
    pub nonce: Vec<u8>,
    /// `code_verifier`, sealed.
    pub verifier: Vec<u8>,
    /// After that it is gone.
    pub expires: Ms,
}
