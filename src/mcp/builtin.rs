//! The tools that this server answers itself.

use serde_json::{Map, Value, json};

use super::Server;
use crate::config::{Credential, Place};
use crate::generated;
use crate::kestra::{Account, Fault};
use crate::tool::{Access, Builtin, Error, Reply};

/// How a credential reaches this server.
const WAYS: &str = "Kestra Enterprise takes an API token (KESTRA_API_TOKEN, or the key \
kestra.token_file); open source takes KESTRA_USERNAME and KESTRA_PASSWORD (or the keys \
kestra.username and kestra.password_file). Variables are set in the MCP settings of the client or \
in the file that --env-file names, keys in the file that --config names.";

/// What an assistant must not do about it.
const NEVER: &str = "The user does that, then restarts this server. Never ask for a credential in \
the conversation.";

impl Server {
    pub(super) async fn builtin(&self, builtin: Builtin) -> Reply {
        match builtin {
            Builtin::Status => Reply(self.status().await),
            Builtin::Credential => Reply(json!({ "registered": false, "note": self.origin() })),
        }
    }

    /// Where the credential comes from; never its value.
    fn origin(&self) -> String {
        let kestra = &self.0.kestra;
        let kind = match kestra.credential() {
            Credential::None => return format!("No credential is set. {WAYS} {NEVER}"),
            Credential::Token { .. } => "a token",
            Credential::Basic { .. } => "a user name and a password",
        };
        let places: Vec<String> = kestra.credential_from().iter().map(in_words).collect();
        let places = places.join(" and ");
        format!(
            "The credential is {kind}, read at start from {places}. To change it, that place is \
             edited, or another one is used. {WAYS} {NEVER}"
        )
    }

    async fn status(&self) -> Value {
        let mut status = Map::new();
        status.insert("transport".to_owned(), self.0.transport.as_str().into());
        let held = self.0.policy.permissions(&self.0.principal);
        let held = held.as_deref().unwrap_or(generated::PERMISSIONS);
        let names: Vec<&str> = held.iter().map(|permission| permission.0).collect();
        if !names.is_empty() {
            status.insert("permissions".to_owned(), names.into());
        }
        if self.0.policy.access() == Access::ReadOnly {
            status.insert("read_only".to_owned(), true.into());
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

fn in_words(place: &Place) -> String {
    match &place.file {
        None => format!("the environment variable {}", place.name),
        Some(file) if place.name.ends_with("_file") => {
            format!("the file that {} in {} names", place.name, file.display())
        }
        Some(file) => format!("{} in {}", place.name, file.display()),
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
