//! What the MCP endpoint asks of the authorization server, on every request.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;

use crate::auth::browser::credential_form;
use crate::auth::resource::refused::Refused;
use crate::auth::state::Auth;
use crate::auth::vault::{HeldError, NotKept};
use crate::kestra::Held;
use crate::principal::Person;
use crate::secret::Secret;

/// Who comes in, and with which Kestra credential.
#[async_trait]
pub trait Gate: fmt::Debug + Send + Sync {
    /// The person of the bearer in `headers`, by nothing else than these headers. What it knows may be
    /// two seconds old, not more.
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, Refused>;
    /// Whether `person`, whom it let in, has lost nothing of what let them in but time: a call may
    /// outlive its token, and not the grant, the person, or a revocation.
    async fn keeps(&self, person: &Person) -> Result<(), Refused>;
    /// The Kestra credential that `person` saved here, if any.
    async fn held(&self, person: &Person) -> Result<Option<Arc<Held>>, HeldError>;
    /// Kestra answered 401 to `held`, which [`Gate::held`] gave: from the next call on it is none.
    async fn refused(&self, person: &Person, held: &Held);
    /// Keeps a Kestra token that `person` gave, once Kestra has taken it.
    async fn register(&self, person: &Person, token: &Secret) -> Result<(), NotKept>;
    /// The address of the page on which `person` registers a credential. It opens nothing by itself.
    async fn account_page(&self, person: &Person) -> String;
    /// Whether what it needs answers.
    async fn ready(&self) -> bool;
}

#[async_trait]
impl Gate for Auth {
    async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, Refused> {
        self.bearer(headers).await
    }

    async fn keeps(&self, person: &Person) -> Result<(), Refused> {
        self.still(person).await
    }

    async fn held(&self, person: &Person) -> Result<Option<Arc<Held>>, HeldError> {
        self.0.vault.held(person).await
    }

    async fn refused(&self, person: &Person, held: &Held) {
        self.0.vault.refused(person, held).await;
    }

    async fn register(&self, person: &Person, token: &Secret) -> Result<(), NotKept> {
        let token = credential_form::token(token.expose()).map_err(NotKept::Form)?;
        self.0.vault.keep(person, &token).await
    }

    async fn account_page(&self, person: &Person) -> String {
        self.0.vault.account_page(person).await
    }

    async fn ready(&self) -> bool {
        self.0.store.ping().await.is_ok()
    }
}
