//! The authentication request that begins a login (OpenID Connect Core 3.1.2.1).

use std::borrow::Cow;

use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};

use super::Provider;
use super::discovery::OFFLINE_ACCESS;
use super::error::ProviderError;
use super::login::{Begin, Begun};
use crate::auth::random;

impl Provider {
    /// Begins a login.
    ///
    /// # Errors
    /// When the provider cannot be reached, or its discovery document is not valid.
    pub async fn begin(&self, ask: &Begin<'_>) -> Result<Begun, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        let nonce = random::secret()?;
        let verifier = random::secret()?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
            verifier.expose().to_owned(),
        ));
        let state = CsrfToken::new(ask.state.expose().to_owned());
        let sent = Nonce::new(nonce.expose().to_owned());
        let mut request = known
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || sent)
            .set_pkce_challenge(challenge)
            .set_redirect_uri(Cow::Owned(redirect(ask.redirect_uri)?))
            // A form post would come without our cookies, which are SameSite=Lax.
            .add_extra_param("response_mode", "query");
        // The library adds `openid` itself; the provider may not know `offline_access`.
        let asks =
            |scope: &&String| *scope != "openid" && (known.offline || *scope != OFFLINE_ACCESS);
        for scope in self.config.scopes.iter().filter(asks) {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for (name, value) in &self.config.authorize_params {
            request = request.add_extra_param(name, value);
        }
        if let Some(seconds) = ask.max_age {
            request = request.set_max_age(std::time::Duration::from_secs(seconds));
        }
        let (url, _, _) = request.url();
        Ok(Begun {
            url,
            nonce,
            verifier,
        })
    }
}

pub(super) fn redirect(uri: &str) -> Result<RedirectUrl, ProviderError> {
    RedirectUrl::new(uri.to_owned()).map_err(|_| ProviderError::Wrong {
        what: "our own redirect_uri",
    })
}
