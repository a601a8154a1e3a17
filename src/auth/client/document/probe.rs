//! Whether documents can be fetched at all: those of common clients are fetched from time to time.
//!
//! A client that reads that this server supports documents sends the URL of its own, and does not
//! register. Where this server cannot reach the internet that ends on an error page, so the
//! metadata announces documents only after one was fetched.

use futures::future::join_all;

use super::fault::DocumentError;
use super::location::host_of;
use crate::auth::state::Auth;
use crate::config::documents::DocumentMode;

impl Auth {
    /// Whether the metadata announces that a client id may be the URL of a document.
    pub(in crate::auth) fn announces_documents(&self) -> bool {
        let settings = &self.0.config.authorization.documents;
        match settings.mode {
            DocumentMode::On => true,
            DocumentMode::Off => false,
            DocumentMode::Probed => {
                !settings.are_probed()
                    || self.0.documents.probed.with(|state| state.answered) == Some(true)
            }
        }
    }

    /// Whether documents are to be probed from time to time.
    pub fn probes_documents(&self) -> bool {
        self.0.config.authorization.documents.are_probed()
    }

    /// Fetches the documents of the list, and logs what changed.
    pub async fn probe_documents(&self) {
        let inner = &self.0;
        let settings = &inner.config.authorization;
        let looked = settings.documents.probe.iter().map(|id| async move {
            let read = inner.documents.read(id, settings, &inner.clock).await;
            match &read {
                Ok(client) => self.update_stored_client(client).await,
                Err(fault) => {
                    self.fallback_client(id, fault).await;
                }
            }
            (id.as_str(), read.err())
        });
        let looked = join_all(looked).await;
        self.log_changes(&looked);
    }

    fn log_changes(&self, looked: &[(&str, Option<DocumentError>)]) {
        let answered = looked.iter().any(|(_, fault)| fault.is_none());
        let before = self.0.documents.probed.with(|state| {
            for (id, fault) in looked {
                let Some(fault) = fault else {
                    state.faults.remove(*id);
                    continue;
                };
                let cause = fault.to_string();
                if state.faults.get(*id) != Some(&cause) {
                    let (host, remedy) = (host_of(id), fault.remedy());
                    tracing::warn!(
                        host,
                        cause,
                        remedy,
                        "a client metadata document of oauth.metadata_probe cannot be read"
                    );
                    state.faults.insert((*id).to_owned(), cause);
                }
            }
            state.answered.replace(answered)
        });
        let hosts: Vec<String> = looked.iter().filter_map(|(id, _)| host_of(id)).collect();
        let hosts = hosts.join(", ");
        match (before, answered) {
            (Some(true), true) | (Some(false), false) => {}
            (_, true) => tracing::info!(hosts, "client metadata documents are announced"),
            (_, false) => {
                let instead = if self.0.config.authorization.registration {
                    "clients register themselves"
                } else {
                    "only clients of [[client]] can sign in, because oauth.client_registration is \
                     off"
                };
                tracing::warn!(
                    hosts,
                    instead,
                    remedy = "let this server reach these hosts on port 443, or name a proxy in \
                              oauth.metadata_proxy; or register clients as [[client]], and set \
                              oauth.client_documents to \"off\" to stop this warning",
                    "client metadata documents are not announced: none of oauth.metadata_probe \
                     can be read"
                );
            }
        }
    }
}
