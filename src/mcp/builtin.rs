//! The tools that this server answers itself.

use serde_json::{Map, Value, json};

use super::Server;
use crate::config::Credential;
use crate::generated;
use crate::kestra::{Account, Fault};
use crate::policy;
use crate::tool::{Builtin, Error, Reply};

/// Where a credential comes from when one person runs this server.
const SOURCE: &str = "The credential comes from the environment of this server: KESTRA_API_TOKEN, \
or KESTRA_USERNAME and KESTRA_PASSWORD. To change it, the user edits the MCP settings of the \
client and restarts this server. Never ask for it in the conversation.";

impl Server {
    pub(super) async fn builtin(&self, builtin: Builtin) -> Reply {
        match builtin {
            Builtin::Status => Reply(self.status().await),
            Builtin::Credential => Reply(json!({ "registered": false, "note": SOURCE })),
        }
    }

    async fn status(&self) -> Value {
        let mut status = Map::new();
        status.insert("transport".to_owned(), self.0.transport.as_str().into());
        let held = policy::permissions(&self.0.principal);
        let held = held.as_deref().unwrap_or(generated::PERMISSIONS);
        let names: Vec<&str> = held.iter().map(|permission| permission.0).collect();
        if !names.is_empty() {
            status.insert("permissions".to_owned(), names.into());
        }
        let (kestra, notes) = self.kestra_status().await;
        status.insert("kestra".to_owned(), kestra.into());
        if !notes.is_empty() {
            status.insert("note".to_owned(), notes.join(" ").into());
        }
        status.into()
    }

    async fn kestra_status(&self) -> (Map<String, Value>, Vec<String>) {
        let kestra = &self.0.kestra;
        let mut fields = Map::new();
        let mut notes = Vec::new();
        if let Some(address) = kestra.base() {
            fields.insert("address".to_owned(), address.into());
        }
        let mut account = Account::default();
        let mut reachable = false;
        if kestra.base().is_some() {
            match kestra.server().await {
                Ok(server) => {
                    account = kestra.account(server.edition).await;
                    reachable = true;
                    fields.insert("version".to_owned(), server.version.as_str().into());
                    fields.insert("edition".to_owned(), server.edition.as_str().into());
                    fields.insert("line".to_owned(), server.line.as_str().into());
                }
                Err(fault) => {
                    reachable = answered(&fault);
                    if fault == Fault::Refused {
                        account.accepted =
                            (!matches!(kestra.credential(), Credential::None)).then_some(false);
                    } else {
                        if let Fault::Unsupported { version, .. } = &fault {
                            fields.insert("version".to_owned(), (**version).into());
                        }
                        notes.push(super::result::advice(&Error::from(fault)));
                    }
                }
            }
        }
        fields.insert("tenant".to_owned(), kestra.tenant().into());
        fields.insert("reachable".to_owned(), reachable.into());
        fields.insert("credential".to_owned(), kestra.credential().as_str().into());
        if let Some(accepted) = account.accepted {
            fields.insert("accepted".to_owned(), accepted.into());
        }
        if let Some(administrator) = account.administrator {
            fields.insert("administrator".to_owned(), administrator.into());
        }
        if let Err(error) = kestra.configured() {
            notes.push(super::result::advice(&error));
        }
        if account.accepted == Some(false) {
            notes.push(super::result::advice(&Error::CredentialRefused));
        }
        if let Credential::Token {
            over_basic: true, ..
        } = kestra.credential()
        {
            notes.push("A token and a user name are set; the token is used.".to_owned());
        }
        if account.administrator == Some(true) {
            notes.push(
                "The credential belongs to an administrator of Kestra: an ordinary account is \
                 safer."
                    .to_owned(),
            );
        }
        (fields, notes)
    }
}

/// Whether something answered at all.
const fn answered(fault: &Fault) -> bool {
    match fault {
        Fault::Unreachable { .. } | Fault::Silent { .. } => false,
        Fault::Refused
        | Fault::NotKestra { .. }
        | Fault::Unsupported { .. }
        | Fault::Failing { .. } => true,
    }
}
