//! An authorization that nobody has decided yet. It travels with the browser, sealed: whoever opens
//! `/authorize` leaves nothing behind here, however often. What is kept of it is that it was decided.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::auth::browser::page_error::Trouble;
use crate::auth::client;
use crate::auth::limit::Source;
use crate::auth::server::authorization_response::Reply;
use crate::auth::server::error::Error;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::store::{Client, ClientKind, Hash, Ms, Place, Transaction};

/// Characters of a sealed one, which stands in an address.
const LONGEST: usize = 12 * 1024;

/// Nothing of this is in the database, but what binds a sealed value is written the same way.
const PLACE: Place<'_> = Place {
    table: "browser",
    column: "authorization",
    row: "",
    bound: &[],
};

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::auth) struct Pending {
    /// By which it is spent.
    pub(in crate::auth) id: Hash,
    /// `client_id`
    pub(in crate::auth) client_id: String,
    /// How the client came to be known.
    pub(in crate::auth) kind: ClientKind,
    /// Its name, as it says itself.
    pub(in crate::auth) name: String,
    /// The redirect URI of this request, byte for byte.
    pub(in crate::auth) redirect_uri: String,
    /// What will be granted, unless the person leaves less of it.
    pub(in crate::auth) scopes: String,
    /// Whether the client will hold refresh tokens, asked for or not.
    pub(in crate::auth) refreshes: bool,
    /// The resource.
    pub(in crate::auth) resource: String,
    /// `code_challenge` (S256).
    pub(in crate::auth) challenge: String,
    /// `state` of the client.
    pub(in crate::auth) client_state: Option<String>,
    /// After that it is over.
    pub(in crate::auth) expires: Ms,
}

impl Pending {
    /// As it travels.
    pub(in crate::auth) fn seal(&self, auth: &Auth) -> Result<String, Error> {
        let broken = Error::Broken {
            what: "sealing an authorization",
        };
        let Ok(plain) = serde_json::to_vec(self) else {
            return Err(broken);
        };
        let sealed = auth.0.ring.seal(&PLACE, &plain).map_err(|_| broken)?;
        let text = URL_SAFE_NO_PAD.encode(sealed);
        // All else is short, or was compared with what is registered.
        let fits = text.len() <= LONGEST;
        fits.then_some(text).ok_or(Error::Invalid { name: "state" })
    }

    /// The one that came back, if it is ours, in time, and not decided.
    pub(in crate::auth) async fn open(auth: &Auth, text: &str) -> Result<Self, Trouble> {
        let sealed = (text.len() <= LONGEST)
            .then(|| URL_SAFE_NO_PAD.decode(text).ok())
            .flatten();
        let opened = sealed.and_then(|sealed| auth.0.ring.open(&PLACE, &sealed).ok());
        let pending = opened.and_then(|plain| serde_json::from_slice::<Self>(&plain).ok());
        let pending = pending.filter(|pending| auth.now() < pending.expires);
        let pending = pending.ok_or(Trouble::Over)?;
        if auth.0.store.is_spent(pending.id).await? {
            return Err(Trouble::Over);
        }
        Ok(pending)
    }

    /// Decides it, once on all servers.
    pub(in crate::auth) async fn spend(&self, auth: &Auth) -> Result<(), Trouble> {
        let is_first = auth.0.store.spend_transaction(self.id, self.expires);
        is_first.await?.then_some(()).ok_or(Trouble::Over)
    }

    /// The scopes, as they were sealed.
    pub(in crate::auth) fn scope(&self) -> Result<Scope, Trouble> {
        Scope::of(&self.scopes).ok_or(Trouble::Broken {
            what: "the scope of an authorization",
        })
    }

    /// Where its client is answered.
    pub(in crate::auth) fn reply(&self, auth: &Auth) -> Reply<'_> {
        Reply {
            issuer: auth.issuer_of(&self.resource),
            redirect_uri: &self.redirect_uri,
            state: self.client_state.as_deref(),
        }
    }

    /// Its client as it is now, if that is still the one that the person saw, and may still be
    /// answered there.
    pub(in crate::auth) async fn client(
        &self,
        auth: &Auth,
        source: Source,
    ) -> Result<Client, Trouble> {
        let mut client = client::find(auth, &self.client_id, source).await?;
        let is_same = client.kind == self.kind && client.name == self.name;
        if !is_same
            || !client::may_redirect(&client, &self.redirect_uri)
            || !client::is_safe(auth, &client, &self.redirect_uri)
        {
            return Err(Trouble::Changed);
        }
        // What was published is kept once the person is in. Of the others only this is needed.
        if client.kind != ClientKind::Metadata {
            client.redirect_uris = vec![self.redirect_uri.clone()];
        }
        Ok(client)
    }

    /// The same for the way to the provider.
    pub(in crate::auth) fn of(self, client: Client) -> Transaction {
        Transaction {
            id: self.id,
            client,
            redirect_uri: self.redirect_uri,
            scopes: self.scopes,
            resource: self.resource,
            challenge: self.challenge,
            client_state: self.client_state,
            expires: self.expires,
        }
    }
}
