//! The tools that this server answers itself.

use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::failure::{Failure, in_words};
use super::list::offered;
use super::server::{Mode, Server};
use crate::config::Credential;
use crate::config::http::CredentialMode;
use crate::generated;
use crate::kestra::{Account, Fault, refusal};
use crate::policy::Denied;
use crate::principal::{Principal, Scopes};
use crate::secret::Secret;
use crate::tool::{Access, Builtin, Edition, Error, Internal, Line, Permission, Reply, Tool, cut};

/// The ways to configure a credential.
const WAYS: &str = "Kestra Enterprise takes an API token (KESTRA_API_TOKEN, or the key \
kestra.token_file); open source takes KESTRA_USERNAME and KESTRA_PASSWORD (or the keys \
kestra.username and kestra.password_file). Variables are set in the MCP settings of the client or \
in the file that --env-file names, keys in the file that --config names.";

/// The maximum length in bytes of a name from a provider or Kestra.
const NAME: usize = 200;

/// The same where all users share one credential.
const SHARED: &str = "This server uses one Kestra credential for everybody, set by its operator: \
there is nothing to register.";

/// Why the caller's credential only reads on a server that permits changes.
const READS_ONLY: &str = "With a Kestra user name and password this server only reads, unless its \
operator allows more.";

/// What a model must not do about it.
const NEVER: &str = "The user does that, then restarts this server. Never ask for a credential in \
the conversation.";

impl Server {
    pub(super) async fn builtin(
        &self,
        builtin: Builtin,
        caller: &Caller,
        arguments: &Map<String, Value>,
    ) -> Result<Reply, Failure> {
        let told = match builtin {
            Builtin::Status => self.status(caller).await,
            Builtin::Credential => match arguments.get("token").and_then(Value::as_str) {
                Some(token) => self.register(caller, &Secret::new(token)).await?,
                None => self.credential(caller).await,
            },
        };
        // Names from a provider and from Kestra are untrusted.
        let most = self.0.kestra.limits().result;
        Ok(Reply(cut::value(&told, most, caller.held.secrets()).0))
    }

    /// Stores a token passed as an argument.
    async fn register(&self, caller: &Caller, token: &Secret) -> Result<Value, Failure> {
        let (Mode::Remote(remote), Principal::Person(person)) = (&self.0.mode, &caller.principal)
        else {
            return Err(Error::from(Internal::NobodysToken).into());
        };
        // A client with read scope must not change the account that later calls use.
        if person.scopes < Scopes::Write {
            return Err(Denied::Scope.into());
        }
        remote.gate.register(person, token).await?;
        let caller = self.caller(caller.principal.clone()).await?;
        Ok(self.credential(&caller).await)
    }

    async fn credential(&self, caller: &Caller) -> Value {
        let Some(url) = self.page(caller).await else {
            let note = match self.0.mode {
                Mode::Local => self.origin(),
                Mode::Remote(_) => SHARED.to_owned(),
            };
            return json!({ "registered": false, "note": note });
        };
        let mut answer = json!({ "registered": caller.held.is_some(), "url": url });
        if let (Some(fields), Some(account)) = (answer.as_object_mut(), caller.held.account()) {
            let account = cut::value(&account.into(), NAME, caller.held.secrets()).0;
            fields.insert("account".to_owned(), account);
        }
        answer
    }

    /// The page on which the user registers a credential, if users bring their own.
    pub(super) async fn page(&self, caller: &Caller) -> Option<String> {
        match (&self.0.mode, &caller.principal, self.0.kestra.mode()) {
            (Mode::Remote(remote), Principal::Person(person), CredentialMode::PerUser) => {
                Some(remote.gate.account_page(person).await)
            }
            _ => None,
        }
    }

    /// The source of the configured credential, never its value.
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

    async fn status(&self, caller: &Caller) -> Value {
        let mut status = Map::new();
        status.insert("transport".to_owned(), self.0.mode.as_str().into());
        if let Principal::Person(person) = &caller.principal {
            let name = cut::value(&(*person.name).into(), NAME, caller.held.secrets()).0;
            let mut shown = Map::from_iter([("name".to_owned(), name)]);
            let known = |role: &&String| self.0.policy.roles().knows(role);
            let roles: Vec<&str> = person
                .roles
                .iter()
                .filter(known)
                .map(String::as_str)
                .collect();
            if !roles.is_empty() {
                shown.insert("roles".to_owned(), roles.into());
            }
            status.insert("person".to_owned(), shown.into());
        }
        // Detection comes first: the rest depends on edition and line.
        let (kestra, mut notes) = self.kestra_status(caller).await;
        let (edition, _) = self.0.kestra.product();
        let held = caller.policy.permissions(&caller.principal);
        let held = held.as_deref().unwrap_or(generated::permissions());
        let usable = held
            .iter()
            .filter(|held| is_usable(**held, caller, edition));
        let names: Vec<&str> = usable.map(|permission| permission.0).collect();
        if !names.is_empty() {
            status.insert("permissions".to_owned(), names.into());
        }
        if caller.policy.access() == Access::ReadOnly {
            status.insert("read_only".to_owned(), true.into());
            if self.0.policy.access() != Access::ReadOnly {
                notes.push(READS_ONLY.to_owned());
            }
        }
        let by_name = offered(self.0.kestra.view()).filter(|tool| {
            let covered = |permission| held.contains(&permission);
            !tool.permission.is_none_or(covered) && caller.policy.offers(&caller.principal, tool)
        });
        let names: Vec<&str> = by_name.map(|tool| tool.name.as_str()).collect();
        if !names.is_empty() {
            status.insert("tools".to_owned(), names.into());
        }
        status.insert("kestra".to_owned(), kestra.into());
        if !notes.is_empty() {
            status.insert("note".to_owned(), notes.join(" ").into());
        }
        status.into()
    }

    async fn kestra_status(&self, caller: &Caller) -> (Map<String, Value>, Vec<String>) {
        let kestra = &self.0.kestra;
        let held = &caller.held;
        let audience = self.audience();
        let mut fields = Map::new();
        let mut notes = Vec::new();
        if let (Mode::Local, Some(address)) = (&self.0.mode, kestra.base()) {
            fields.insert("address".to_owned(), address.into());
        }
        let mut account = Account::default();
        let mut reachable = false;
        if kestra.base().is_some() {
            match kestra.server(held).await {
                Ok(server) => {
                    account = kestra.account(held, server.edition).await;
                    reachable = true;
                    fields.insert("version".to_owned(), server.version.as_str().into());
                    fields.insert("edition".to_owned(), server.edition.as_str().into());
                    fields.insert("line".to_owned(), server.line.as_str().into());
                    if let Some(refusal) = refusal::of_tenant(kestra.tenant(), server.edition) {
                        notes.push(Failure::NoTenant(refusal).advice(audience));
                    }
                }
                Err(fault) => {
                    reachable = answered(&fault);
                    if matches!(fault, Fault::Refused { .. }) {
                        account.accepted = held.is_some().then_some(false);
                    } else {
                        if let Fault::Unsupported { version, .. } = &fault {
                            fields.insert("version".to_owned(), (**version).into());
                        }
                        notes.push(super::failure::advice(&fault.into(), audience));
                    }
                }
            }
        }
        fields.insert("tenant".to_owned(), kestra.tenant().into());
        fields.insert("reachable".to_owned(), reachable.into());
        fields.insert("credential".to_owned(), held.kind().as_str().into());
        if let Some(accepted) = account.accepted {
            fields.insert("accepted".to_owned(), accepted.into());
        }
        if let Some(administrator) = account.administrator {
            fields.insert("administrator".to_owned(), administrator.into());
        }
        if let Err(failure) = self.provided(caller).await {
            notes.push(failure.advice(audience));
        } else if account.accepted == Some(false) {
            let failure = self.explain(Error::CredentialRefused.into(), caller).await;
            notes.push(failure.advice(audience));
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

/// Whether `permission` gives `caller` anything on `edition`: a tool, or more in a result.
fn is_usable(permission: Permission, caller: &Caller, edition: Option<Edition>) -> bool {
    let tools = Line::ALL.iter().flat_map(|line| generated::tools(*line));
    let mut of = tools
        .filter(|tool| tool.permission == Some(permission))
        .peekable();
    let there = |tool: &Tool| tool.needs.is_none() || edition.is_none() || tool.needs == edition;
    of.peek().is_none()
        || of.any(|tool| there(tool) && caller.policy.offers(&caller.principal, tool))
}

/// Whether something answered at all.
const fn answered(fault: &Fault) -> bool {
    match fault {
        Fault::Unreachable { .. } | Fault::Silent { .. } => false,
        Fault::Refused { .. }
        | Fault::NotKestra { .. }
        | Fault::Unsupported { .. }
        | Fault::Failing { .. } => true,
    }
}
