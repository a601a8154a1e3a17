//! What a document said last, while its server says nothing.
//!
//! Every document that was read is remembered in memory, and those of clients that somebody let in
//! are in the database too: those outlive a restart. No others are put there, for anybody could fill it.

use super::fault::DocumentFault;
use crate::auth::state::Auth;
use crate::store::{Client, ClientKind, Ms, StoreError};

const MINUTE: Ms = 60 * 1000;
const HOUR: Ms = 60 * MINUTE;
const DAY: Ms = 24 * HOUR;
/// For how long what was read last holds while its server says nothing.
const SILENT: Ms = 7 * DAY;
/// The same while its server is not asked, because too many were.
const BUSY: Ms = DAY;
/// For how long a silent server is not asked again.
const AGAIN: Ms = MINUTE;
/// When a document was read that counts no longer.
const NEVER: Ms = 0;

impl Auth {
    /// Keeps the client of a document whose person let it in, as it was when they said so: what was
    /// noted of the document since then stays.
    pub(in crate::auth) async fn keep_document(&self, client: &Client) -> Result<(), StoreError> {
        let kept = self.0.store.client(&client.id).await?;
        let is_newer = |kept: Client| {
            kept.kind == ClientKind::Metadata
                && (kept.created == NEVER || kept.created > client.created)
        };
        if kept.is_some_and(is_newer) {
            return Ok(());
        }
        self.0.store.put_client(client).await
    }

    /// Notes that a document was read, for a client that is in the database.
    pub(super) async fn note_document(&self, client: &Client) {
        let Some(kept) = self.kept_document(&client.id).await else {
            return;
        };
        let is_same = kept.name == client.name
            && kept.redirect_uris == client.redirect_uris
            && kept.grant_types == client.grant_types;
        if is_same && client.created.saturating_sub(kept.created) < HOUR {
            return;
        }
        self.put_document(client).await;
    }

    /// What counts instead of a document that cannot be read because of `fault`; what its server took
    /// back, or changed to something else, counts no longer.
    pub(super) async fn held_document(&self, id: &str, fault: &DocumentFault) -> Option<Client> {
        let longest = match fault {
            DocumentFault::Rate => BUSY,
            fault if fault.is_silence() => SILENT,
            DocumentFault::Fetch(_) | DocumentFault::Content { .. } => {
                self.end_document(id).await;
                return None;
            }
            DocumentFault::Address { .. } | DocumentFault::Host => return None,
        };
        let known = &self.0.documents.shelf;
        let last = self.last_document(id).await?;
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

    /// The client of a document as it was read last, whenever that was.
    pub(super) async fn last_document(&self, id: &str) -> Option<Client> {
        match self.0.documents.shelf.last(id) {
            Some(client) => Some(client),
            None => self.kept_document(id).await,
        }
    }

    /// Forgets what a document said.
    async fn end_document(&self, id: &str) {
        self.0.documents.shelf.forget(id);
        let kept = self.kept_document(id).await;
        if let Some(client) = kept.filter(|client| client.created > NEVER) {
            // Its grants go on: people gave them, and end them.
            let created = NEVER;
            self.put_document(&Client { created, ..client }).await;
        }
    }

    /// The client of a document as it is in the database.
    async fn kept_document(&self, id: &str) -> Option<Client> {
        match self.0.store.client(id).await {
            Ok(client) => client.filter(|client| client.kind == ClientKind::Metadata),
            Err(error) => {
                tracing::warn!(%error, "it is not known what a client metadata document said");
                None
            }
        }
    }

    async fn put_document(&self, client: &Client) {
        if let Err(error) = self.0.store.put_client(client).await {
            tracing::warn!(%error, "it is not kept what a client metadata document says");
        }
    }
}
