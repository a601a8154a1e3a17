//! Whether documents can be read at all: those that many clients have are fetched now and then.
//!
//! A client that hears of documents shows the address of its own and registers no other way. Where
//! this server has no way out that ends on a page, so it is said to clients once a document was read.

use futures::future::join_all;

use super::fault::DocumentFault;
use super::location::host_of;
use crate::auth::state::Auth;
use crate::config::documents::DocumentMode;

impl Auth {
    /// Whether clients hear that the address of a document may be their id.
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

    /// Whether documents are to be looked at now and then.
    pub fn probes_documents(&self) -> bool {
        self.0.config.authorization.documents.are_probed()
    }

    /// Looks at the documents of the list. What changed is told.
    pub async fn probe_documents(&self) {
        let inner = &self.0;
        let settings = &inner.config.authorization;
        let looked = settings.documents.probe.iter().map(|id| async move {
            let read = inner.documents.read(id, settings, &inner.clock).await;
            match &read {
                Ok(client) => self.note_document(client).await,
                Err(fault) => {
                    self.held_document(id, fault).await;
                }
            }
            (id.as_str(), read.err())
        });
        let looked = join_all(looked).await;
        self.tell(&looked);
    }

    fn tell(&self, looked: &[(&str, Option<DocumentFault>)]) {
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
                    "no client but those of [[client]] can sign in, for \
                     oauth.client_registration is off"
                };
                tracing::warn!(
                    hosts,
                    instead,
                    remedy = "let this server reach these hosts on port 443, or name a proxy in \
                              oauth.metadata_proxy; or register clients as [[client]], and set \
                              oauth.client_documents to \"off\" for no more of this",
                    "client metadata documents are not announced: none of oauth.metadata_probe \
                     can be read"
                );
            }
        }
    }
}
