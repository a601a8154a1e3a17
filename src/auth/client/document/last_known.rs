//! The last known content of a document, for while its server does not answer.
//!
//! Every document that was fetched is cached; those of clients that a person gave access to are
//! also stored, so that they outlive a restart. No others are, because anybody could fill the
//! database with them.

use super::fault::DocumentError;
use crate::auth::state::Auth;
use crate::store::{Client, ClientKind, Ms, StoreError};

const MINUTE: Ms = 60 * 1000;
const HOUR: Ms = 60 * MINUTE;
const DAY: Ms = 24 * HOUR;
/// How long the last known content counts while the server does not answer.
const SILENT: Ms = 7 * DAY;
/// The same while the server is not asked because of rate limits.
const BUSY: Ms = DAY;
/// How long a server that does not answer is not asked again.
const AGAIN: Ms = MINUTE;
/// The fetch time of a document that no longer counts.
const NEVER: Ms = 0;

impl Auth {
    /// Stores the client that a person gave access to, as it was when they consented. What was
    /// noted about its document since then stays.
    pub(in crate::auth) async fn store_document_client(
        &self,
        client: &Client,
    ) -> Result<(), StoreError> {
        let stored = self.0.store.client(&client.id).await?;
        let is_newer = |stored: Client| {
            stored.kind == ClientKind::Metadata
                && (stored.created == NEVER || stored.created > client.created)
        };
        if stored.is_some_and(is_newer) {
            return Ok(());
        }
        self.0.store.put_client(client).await
    }

    /// Updates a stored client from the document that was just fetched.
    pub(super) async fn update_stored_client(&self, client: &Client) {
        let Some(stored) = self.stored_document_client(&client.id).await else {
            return;
        };
        let is_same = stored.name == client.name
            && stored.redirect_uris == client.redirect_uris
            && stored.grant_types == client.grant_types;
        if is_same && client.created.saturating_sub(stored.created) < HOUR {
            return;
        }
        self.put_document_client(client).await;
    }

    /// The client to use instead of a document that cannot be read because of `fault`. A document
    /// that its server withdrew, or replaced by something else, no longer counts.
    pub(super) async fn fallback_client(&self, id: &str, fault: &DocumentError) -> Option<Client> {
        let longest = match fault {
            DocumentError::Rate => BUSY,
            fault if fault.is_silence() => SILENT,
            DocumentError::Fetch(_) | DocumentError::Content { .. } => {
                self.withdraw_document(id).await;
                return None;
            }
            DocumentError::Address { .. } | DocumentError::Host => return None,
        };
        let known = &self.0.documents.cache;
        let last = self.last_known_client(id).await?;
        let now = self.now();
        let left = last.created.saturating_add(longest).saturating_sub(now);
        if left <= 0 {
            return None;
        }
        if fault.is_silence() {
            let seconds = left.min(AGAIN) / 1000;
            known.put(&last, u64::try_from(seconds).unwrap_or_default(), now);
        }
        Some(last)
    }

    /// The client as last fetched, however long ago.
    pub(super) async fn last_known_client(&self, id: &str) -> Option<Client> {
        match self.0.documents.cache.last(id) {
            Some(client) => Some(client),
            None => self.stored_document_client(id).await,
        }
    }

    /// Marks the document as withdrawn.
    async fn withdraw_document(&self, id: &str) {
        self.0.documents.cache.forget(id);
        let stored = self.stored_document_client(id).await;
        if let Some(client) = stored.filter(|client| client.created > NEVER) {
            // Its grants go on: people gave them, and people end them.
            let created = NEVER;
            self.put_document_client(&Client { created, ..client })
                .await;
        }
    }

    /// The stored client of a document.
    async fn stored_document_client(&self, id: &str) -> Option<Client> {
        match self.0.store.client(id).await {
            Ok(client) => client.filter(|client| client.kind == ClientKind::Metadata),
            Err(error) => {
                tracing::warn!(%error, "the stored client of a metadata document could not be \
                                        read");
                None
            }
        }
    }

    async fn put_document_client(&self, client: &Client) {
        if let Err(error) = self.0.store.put_client(client).await {
            tracing::warn!(%error, "the client of a metadata document could not be stored");
        }
    }
}
