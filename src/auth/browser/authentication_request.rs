//! Our own leg at an identity provider: a login that a browser leaves for, and comes back from.

use axum::response::Response;

use crate::auth::browser::cookie::{Kind, PATIENCE};
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::provider::{Begin, Begun, Provider, ProviderError};
use crate::auth::random;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Column, Hash, Target, UpstreamState};

/// A login that the provider can take, before the browser leaves.
pub(in crate::auth) struct Leg<'a> {
    provider: &'a Provider,
    state: Secret,
    begun: Begun,
}

impl<'a> Leg<'a> {
    /// Prepares a login. The provider may be asked about itself, and hears nothing of the person.
    pub(in crate::auth) async fn begin(
        auth: &Auth,
        provider: &'a Provider,
    ) -> Result<Self, ProviderError> {
        let state = random::secret()?;
        let ask = Begin {
            redirect_uri: &auth.callback(provider),
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

    /// Sends the browser of `visit` to the provider; only it may come back.
    pub(in crate::auth) async fn leave(
        self,
        auth: &Auth,
        visit: &Visit,
        target: Target,
    ) -> Result<Response, Trouble> {
        let now = auth.now();
        let state = Hash::of(self.state.expose());
        let bound = visit.jar.bind(Kind::Browser, self.state.expose(), now)?;
        let row = state.text();
        let seal = |column: Column, value: &Secret| {
            let ring = &auth.0.ring;
            ring.seal(&column.of(&row, &[]), value.expose().as_bytes())
        };
        let upstream = UpstreamState {
            state,
            provider: asked(self.provider),
            target,
            browser: bound.hash,
            nonce: seal(Column::NONCE, &self.begun.nonce)?,
            verifier: seal(Column::VERIFIER, &self.begun.verifier)?,
            expires: now + PATIENCE,
        };
        auth.0.store.put_upstream(&upstream).await?;
        Ok(with_cookie(
            see_other(self.begun.url.as_str())?,
            bound.header,
        ))
    }
}

/// What a login is kept under: the provider and its issuer (RFC 9700 section 4.4.2), so that its
/// answer is not taken to another one that the configuration has under the same name meanwhile. No id
/// has a space in it.
pub(in crate::auth) fn asked(provider: &Provider) -> String {
    let config = provider.config();
    format!("{} {}", config.id, config.issuer)
}

impl Auth {
    /// Where `provider` sends browsers back to.
    pub(in crate::auth) fn callback(&self, provider: &Provider) -> String {
        let path = self.0.config.callback(&provider.config().id);
        format!("{}{path}", self.0.public.issuer)
    }

    /// The provider that sends browsers back to `path`, byte for byte.
    pub(in crate::auth) fn called_back(&self, path: &str) -> Option<&Provider> {
        let mut providers = self.0.providers.iter();
        providers.find(|provider| self.0.config.callback(&provider.config().id) == path)
    }

    /// The provider that the configuration calls `id`.
    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        let mut providers = self.0.providers.iter();
        providers.find(|provider| provider.config().id == id)
    }
}
