//! The authentication request (OpenID Connect Core 3.1.2.1) that sends a browser to an identity
//! provider.

use axum::response::Response;

use crate::auth::browser::cookie::{Kind, PAGE_TTL};
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::provider::{Begin, Begun, Provider, ProviderError};
use crate::auth::random;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Column, Hash, Target, UpstreamState};

/// A request that is ready to send.
pub(in crate::auth) struct AuthenticationRequest<'a> {
    provider: &'a Provider,
    state: Secret,
    begun: Begun,
}

impl<'a> AuthenticationRequest<'a> {
    /// Prepares a request. This may fetch the provider's discovery document; the provider learns
    /// nothing about the person.
    pub(in crate::auth) async fn begin(
        auth: &Auth,
        provider: &'a Provider,
    ) -> Result<Self, ProviderError> {
        let state = random::secret()?;
        let ask = Begin {
            redirect_uri: &auth.callback_url(provider),
            state: &state,
            max_age: None,
        };
        let begun = provider.begin(&ask).await?;
        Ok(Self {
            provider,
            state,
            begun,
        })
    }

    /// Redirects `browser` to the provider. Only that browser can come back.
    pub(in crate::auth) async fn send(
        self,
        auth: &Auth,
        browser: &BrowserRequest,
        target: Target,
    ) -> Result<Response, PageError> {
        let now = auth.now();
        let state = Hash::of(self.state.expose());
        let bound = browser.jar.bind(Kind::Browser, self.state.expose(), now)?;
        let row = state.text();
        let seal = |column: Column, value: &Secret| {
            let ring = &auth.0.ring;
            ring.seal(&column.of(&row, &[]), value.expose().as_bytes())
        };
        let upstream = UpstreamState {
            state,
            provider: provider_key(self.provider),
            target,
            browser: bound.hash,
            nonce: seal(Column::NONCE, &self.begun.nonce)?,
            verifier: seal(Column::VERIFIER, &self.begun.verifier)?,
            expires: now + PAGE_TTL,
        };
        auth.0.store.put_upstream(&upstream).await?;
        Ok(with_cookie(
            see_other(self.begun.url.as_str())?,
            bound.header,
        ))
    }
}

/// The key a request is stored under: the provider's id and issuer (RFC 9700 section 4.4.2), so
/// that the answer never reaches another provider that has been configured under the same id since.
/// An id contains no space.
pub(in crate::auth) fn provider_key(provider: &Provider) -> String {
    let config = provider.config();
    format!("{} {}", config.id, config.issuer)
}

impl Auth {
    /// The redirect URI of this server at `provider`.
    pub(in crate::auth) fn callback_url(&self, provider: &Provider) -> String {
        let path = self.0.config.callback(&provider.config().id);
        format!("{}{path}", self.0.public.issuer)
    }

    /// The provider whose redirect URI has exactly this path.
    pub(in crate::auth) fn provider_at(&self, path: &str) -> Option<&Provider> {
        let mut providers = self.0.providers.iter();
        providers.find(|provider| self.0.config.callback(&provider.config().id) == path)
    }

    /// The provider that is configured under `id`.
    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        let mut providers = self.0.providers.iter();
        providers.find(|provider| provider.config().id == id)
    }
}
