//! Finds the client of a `client_id`.

use thiserror::Error;

use crate::auth::client::document::{self, DocumentError};
use crate::auth::client::redirect::Application;
use crate::auth::client::registration::{AUTHORIZATION_CODE, REFRESH_TOKEN};
use crate::auth::limit::Source;
use crate::auth::server::error::Error;
use crate::auth::state::Auth;
use crate::config::http::ConfiguredClient;
use crate::store::{AuthMethod, Client, ClientKind, Hash, StoreError};

/// Why a client id has no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// There is no such client.
    #[error("the client is unknown")]
    Unknown,
    /// Its metadata document gives no client.
    #[error("{fault}")]
    Document {
        /// The host of the document, if the id has one.
        host: Option<String>,
        /// The cause.
        fault: DocumentError,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ClientError> for Error {
    fn from(fault: ClientError) -> Self {
        match fault {
            // What the server of the document answered is told to nobody.
            ClientError::Document {
                fault: DocumentError::Rate,
                ..
            } => Self::Rate {
                what: "client metadata documents",
            },
            ClientError::Unknown | ClientError::Document { .. } => Self::UnknownClient,
            ClientError::Store(fault) => Self::Store(fault),
        }
    }
}

/// The client of an id: configured, described by its metadata document as it is now, or registered.
/// `source` is where the request comes from.
///
/// # Errors
/// See [`ClientError`].
pub async fn find(auth: &Auth, id: &str, source: Source) -> Result<Client, ClientError> {
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
        .ok_or(ClientError::Unknown)
}

/// The same for the token endpoint. It uses the stored client of a document that a person consented
/// to, so that the server of the document need not be up for each refresh.
pub(super) async fn known(auth: &Auth, id: &str, source: Source) -> Result<Client, ClientError> {
    if configured(auth, id).is_none() && auth.is_document(id) {
        auth.check_document(id)
            .map_err(|fault| of_document(id, fault))?;
        let stored = auth.0.store.client(id).await?;
        if let Some(client) = stored.filter(|client| client.kind == ClientKind::Metadata) {
            return Ok(client);
        }
    }
    find(auth, id, source).await
}

fn of_document(id: &str, fault: DocumentError) -> ClientError {
    let host = document::host_of(id);
    ClientError::Document { host, fault }
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
