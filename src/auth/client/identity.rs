//! Who a client is.

use thiserror::Error;

use crate::auth::client::document::{self, DocumentFault};
use crate::auth::client::redirect::Application;
use crate::auth::client::registration::{AUTHORIZATION_CODE, REFRESH_TOKEN};
use crate::auth::limit::Source;
use crate::auth::server::error::Error;
use crate::auth::state::Auth;
use crate::config::http::ConfiguredClient;
use crate::store::{AuthMethod, Client, ClientKind, Hash, StoreError};

/// Why there is no client of an id.
#[derive(Debug, Error)]
pub enum ClientFault {
    /// Nobody knows it.
    #[error("the client is unknown")]
    Unknown,
    /// Its metadata document makes no client.
    #[error("{fault}")]
    Document {
        /// Where that is, if anywhere.
        host: Option<String>,
        /// Why.
        fault: DocumentFault,
    },
    /// The database does not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ClientFault> for Error {
    fn from(fault: ClientFault) -> Self {
        match fault {
            // What a document's server answered is told to nobody.
            ClientFault::Document {
                fault: DocumentFault::Rate,
                ..
            } => Self::Rate {
                what: "client metadata documents",
            },
            ClientFault::Unknown | ClientFault::Document { .. } => Self::UnknownClient,
            ClientFault::Store(fault) => Self::Store(fault),
        }
    }
}

/// The client of that id: of the configuration, of its metadata document as it is now, or one that
/// registered itself. `source` is who asks.
///
/// # Errors
/// See [`ClientFault`].
pub async fn find(auth: &Auth, id: &str, source: Source) -> Result<Client, ClientFault> {
    if let Some(client) = configured(auth, id) {
        return Ok(client);
    }
    if auth.is_document(id) {
        let client = auth.client_of_document(id, source).await;
        return client.map_err(|fault| of_document(id, fault));
    }
    let client = auth.0.store.client(id).await?;
    client
        .filter(|client| client.kind == ClientKind::Registered)
        .ok_or(ClientFault::Unknown)
}

/// The same where a client redeems what it was given. Of a metadata document that somebody consented
/// to it takes what was kept, so that its server need not be up for each refresh.
pub(super) async fn known(auth: &Auth, id: &str, source: Source) -> Result<Client, ClientFault> {
    if configured(auth, id).is_none() && auth.is_document(id) {
        auth.check_document(id)
            .map_err(|fault| of_document(id, fault))?;
        let kept = auth.0.store.client(id).await?;
        if let Some(client) = kept.filter(|client| client.kind == ClientKind::Metadata) {
            return Ok(client);
        }
    }
    find(auth, id, source).await
}

fn of_document(id: &str, fault: DocumentFault) -> ClientFault {
    let host = document::host_of(id);
    ClientFault::Document { host, fault }
}

fn configured(auth: &Auth, id: &str) -> Option<Client> {
    let clients = &auth.0.config.authorization.clients;
    let client = clients.iter().find(|client| client.id == id)?;
    Some(of_configuration(client))
}

fn of_configuration(client: &ConfiguredClient) -> Client {
    Client {
        id: client.id.clone(),
        kind: ClientKind::Configured,
        name: client.name.clone(),
        auth_method: match client.secret {
            None => AuthMethod::None,
            Some(_) => AuthMethod::Basic,
        },
        secret: client
            .secret
            .as_ref()
            .map(|secret| Hash::of(secret.expose())),
        redirect_uris: client.redirect_uris.clone(),
        application_type: Application::Native.as_str().to_owned(),
        grant_types: vec![AUTHORIZATION_CODE.to_owned(), REFRESH_TOKEN.to_owned()],
        scope: None,
        created: 0,
        last_used: None,
    }
}
