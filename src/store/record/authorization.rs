//! Authorizations in progress, and the state of a login at a provider.

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
    /// An authorization that the person consented to: the whole transaction, already spent.
    Authorization(Box<Transaction>),
    /// The account page; a ticket names the person who must sign in.
    Account {
        /// Of the link's ticket.
        ticket: Option<Hash>,
    },
}

/// The state of an authentication request at the identity provider.
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
