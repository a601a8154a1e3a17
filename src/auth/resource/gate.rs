//! What the MCP endpoint needs from the authorization server, on every request.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;

use crate::auth::browser::credential_form;
use crate::auth::resource::bearer_error::BearerError;
use crate::auth::state::Auth;
use crate::auth::vault::{CredentialError, NotStored};
use crate::kestra::Held;
use crate::principal::Person;
use crate::secret::Secret;

/// Who makes a request, and with which Kestra credential.
#[async_trait]
pub trait Gate: fmt::Debug + Send + Sync {
    /// The person of the bearer token in `headers`, which is the only thing considered. The answer
    /// is at most two seconds old.
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, BearerError>;
    /// Whether `person`, whom [`Gate::identify`] let in, may continue: a call may outlive its
    /// token, but not its grant, its person or a revocation.
    async fn still_allows(&self, person: &Person) -> Result<(), BearerError>;
    /// The Kestra credential that `person` stored, if any.
    async fn credential(&self, person: &Person) -> Result<Option<Arc<Held>>, CredentialError>;
    /// Kestra answered 401 to `held`, which [`Gate::credential`] returned: later calls must not use
    /// it.
    async fn credential_refused(&self, person: &Person, held: &Held);
    /// Stores a Kestra token of `person`, once Kestra has accepted it.
    async fn register(&self, person: &Person, token: &Secret) -> Result<(), NotStored>;
    /// The URL of the page on which `person` stores a credential. It signs nobody in.
    async fn account_page(&self, person: &Person) -> String;
    /// Whether the database answers.
    async fn ready(&self) -> bool;
}

#[async_trait]
impl Gate for Auth {
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, BearerError> {
        self.bearer(headers).await
    }

    async fn still_allows(&self, person: &Person) -> Result<(), BearerError> {
        self.still_valid(person).await
    }

    async fn credential(&self, person: &Person) -> Result<Option<Arc<Held>>, CredentialError> {
        self.0.vault.credential(person).await
    }

    async fn credential_refused(&self, person: &Person, held: &Held) {
        self.0.vault.credential_refused(person, held).await;
    }

    async fn register(&self, person: &Person, token: &Secret) -> Result<(), NotStored> {
        let token = credential_form::token(token.expose()).map_err(NotStored::Form)?;
        self.0.vault.save(person, &token).await
    }

    async fn account_page(&self, person: &Person) -> String {
        self.0.vault.account_page(person).await
    }

    async fn ready(&self) -> bool {
        self.0.store.ping().await.is_ok()
    }
}
