//! Looks up the client of a metadata document: cached, fetched, or last known.

use super::fault::DocumentError;
use super::location::{allowed, host_of};
use crate::auth::limit::Source;
use crate::auth::state::Auth;
use crate::config::documents::DocumentMode;
use crate::store::Client;

impl Auth {
    /// Whether `id` can only be the URL of a document, and documents are enabled.
    pub(in crate::auth) fn is_document(&self, id: &str) -> bool {
        let mode = self.0.config.authorization.documents.mode;
        mode != DocumentMode::Off && id.contains("://")
    }

    /// Whether a document may have the URL `id`.
    pub(in crate::auth) fn check_document(&self, id: &str) -> Result<(), DocumentError> {
        allowed(id, &self.0.config.authorization.documents.hosts).map(|_| ())
    }

    /// The client whose metadata document has the URL `id`.
    pub(in crate::auth) async fn client_of_document(
        &self,
        id: &str,
        source: Source,
    ) -> Result<Client, DocumentError> {
        let inner = &self.0;
        self.check_document(id)?;
        if let Some(client) = inner.documents.cache.fresh(id, self.now()) {
            return Ok(client);
        }
        let settings = &inner.config.authorization;
        let documents = &inner.documents;
        let mut read = documents.read_for(id, source, settings, &inner.clock).await;
        if matches!(read, Err(DocumentError::Rate))
            && self.last_known_client(id).await.is_some()
            && documents.by_known.take(id.to_owned(), &inner.clock)
        {
            read = documents.read(id, settings, &inner.clock).await;
        }
        let fault = match read {
            Ok(client) => {
                self.update_stored_client(&client).await;
                return Ok(client);
            }
            Err(fault) => fault,
        };
        let fallback = self.fallback_client(id, &fault).await;
        let (host, remedy) = (host_of(id), fault.remedy());
        match (fallback, &fault) {
            (Some(client), DocumentError::Rate) => Ok(client),
            (Some(client), _) => {
                tracing::warn!(
                    host, cause = %fault, remedy,
                    "a client metadata document cannot be read: its last known content is used \
                     for a week"
                );
                Ok(client)
            }
            (None, DocumentError::Fetch(_) | DocumentError::Content { .. }) => {
                tracing::warn!(
                    host, cause = %fault, remedy,
                    "a client metadata document cannot be read: its client is refused"
                );
                Err(fault)
            }
            (None, _) => {
                tracing::info!(%fault, "a client metadata document is refused");
                Err(fault)
            }
        }
    }
}
