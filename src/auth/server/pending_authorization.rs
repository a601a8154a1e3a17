//! An authorization request that waits for the person's decision. It travels with the browser,
//! sealed, so that opening `/authorize` stores nothing, however often. Only the fact that it was
//! decided is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::auth::browser::page_error::PageError;
use crate::auth::client;
use crate::auth::limit::Source;
use crate::auth::server::authorization_response::AuthorizationResponse;
use crate::auth::server::error::Error;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::store::{Client, ClientKind, Hash, Ms, Place, Transaction};

/// Characters of a sealed request, which is part of a URL.
const LONGEST: usize = 12 * 1024;

/// No table contains it, but the binding of a sealed value is written the same way.
const PLACE: Place<'_> = Place {
    table: "browser",
    column: "authorization",
    row: "",
    bound: &[],
};

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::auth) struct PendingAuthorization {
    /// Identifies it when it is spent.
    pub(in crate::auth) id: Hash,
    /// `client_id`
    pub(in crate::auth) client_id: String,
    /// How the client is known.
    pub(in crate::auth) kind: ClientKind,
    /// The name that the client gives itself.
    pub(in crate::auth) name: String,
    /// The redirect URI of this request, byte for byte.
    pub(in crate::auth) redirect_uri: String,
    /// The scopes to be granted, unless the person reduces them.
    pub(in crate::auth) scopes: String,
    /// Whether the client gets refresh tokens, requested or not.
    pub(in crate::auth) refreshes: bool,
    /// The resource, by the name that the client used.
    pub(in crate::auth) resource: String,
    /// `code_challenge` (S256).
    pub(in crate::auth) challenge: String,
    /// The client's `state`.
    pub(in crate::auth) client_state: Option<String>,
    /// When it expires.
    pub(in crate::auth) expires: Ms,
}

impl PendingAuthorization {
    /// Seals it for the URL.
    pub(in crate::auth) fn seal(&self, auth: &Auth) -> Result<String, Error> {
        let broken = Error::Internal {
            what: "sealing an authorization",
        };
        let Ok(plain) = serde_json::to_vec(self) else {
            return Err(broken);
        };
        let sealed = auth.0.ring.seal(&PLACE, &plain).map_err(|_| broken)?;
        let text = URL_SAFE_NO_PAD.encode(sealed);
        // Everything else is short, or was compared with what is registered.
        let fits = text.len() <= LONGEST;
        fits.then_some(text).ok_or(Error::Invalid { name: "state" })
    }

    /// Opens one that came back, if it is valid, has not expired, and is not decided.
    pub(in crate::auth) async fn open(auth: &Auth, text: &str) -> Result<Self, PageError> {
        let sealed = (text.len() <= LONGEST)
            .then(|| URL_SAFE_NO_PAD.decode(text).ok())
            .flatten();
        let opened = sealed.and_then(|sealed| auth.0.ring.open(&PLACE, &sealed).ok());
        let pending = opened.and_then(|plain| serde_json::from_slice::<Self>(&plain).ok());
        let pending = pending.filter(|pending| auth.now() < pending.expires);
        let pending = pending.ok_or(PageError::RequestExpired)?;
        if auth.0.store.is_spent(pending.id).await? {
            return Err(PageError::RequestExpired);
        }
        Ok(pending)
    }

    /// Marks it as decided, once across all servers.
    pub(in crate::auth) async fn spend(&self, auth: &Auth) -> Result<(), PageError> {
        let is_first = auth.0.store.spend_transaction(self.id, self.expires);
        is_first
            .await?
            .then_some(())
            .ok_or(PageError::RequestExpired)
    }

    /// The scopes that were sealed.
    pub(in crate::auth) fn scope(&self) -> Result<Scope, PageError> {
        Scope::of(&self.scopes).ok_or(PageError::Internal {
            what: "the scope of an authorization",
        })
    }

    /// The response to its client.
    pub(in crate::auth) fn response(&self, auth: &Auth) -> AuthorizationResponse<'_> {
        AuthorizationResponse {
            issuer: auth.issuer_of(&self.resource),
            redirect_uri: &self.redirect_uri,
            state: self.client_state.as_deref(),
        }
    }

    /// Its client as it is now, if it is still the one that the person saw, and may still use the
    /// redirect URI.
    pub(in crate::auth) async fn client(
        &self,
        auth: &Auth,
        source: Source,
    ) -> Result<Client, PageError> {
        let mut client = client::find(auth, &self.client_id, source).await?;
        let is_same = client.kind == self.kind && client.name == self.name;
        if !is_same
            || !client::may_redirect(&client, &self.redirect_uri)
            || !client::is_safe(auth, &client, &self.redirect_uri)
        {
            return Err(PageError::ClientChanged);
        }
        // A client with a metadata document is stored whole after the login. Of the others, only
        // this is needed.
        if client.kind != ClientKind::Metadata {
            client.redirect_uris = vec![self.redirect_uri.clone()];
        }
        Ok(client)
    }

    /// The transaction to keep while the person is at the provider.
    pub(in crate::auth) fn into_transaction(self, client: Client) -> Transaction {
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
