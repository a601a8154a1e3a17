//! The person who logged in at a provider.

use crate::auth::browser::page_error::PageError;
use crate::auth::client;
use crate::auth::provider::{Login, Provider};
use crate::auth::random;
use crate::auth::state::Auth;
use crate::store::User;

/// The person of a login, if they are allowed in. A person without a role is not even stored.
pub(in crate::auth) async fn admit(
    auth: &Auth,
    provider: &Provider,
    login: &Login,
) -> Result<User, PageError> {
    if login.roles.is_empty() {
        return Err(PageError::NoRole {
            claims: login.claims.clone(),
            unmapped: login.unmapped.clone(),
        });
    }
    let name = login.name.as_ref().unwrap_or(&login.subject);
    let user = User {
        id: random::id()?,
        issuer: provider.config().issuer.clone(),
        subject: login.subject.clone(),
        name: client::short_name(name),
        disabled_at: None,
    };
    let user = auth.0.store.upsert_user(&user).await?;
    match user.disabled_at {
        None => Ok(user),
        Some(_) => Err(PageError::Disabled),
    }
}
