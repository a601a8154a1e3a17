//! The end of a login, and the question about its person afterwards: a code or a refresh token becomes claims.

use std::borrow::Cow;
use std::sync::Arc;

use openidconnect::core::{CoreIdToken, CoreTokenResponse};
use openidconnect::{AuthorizationCode, Nonce, PkceCodeVerifier, RefreshToken, TokenResponse};
use serde_json::Value;

use super::Provider;
use super::begin::redirect;
use super::error::ProviderError;
use super::known::Known;
use super::login::{Answer, Login};
use super::token::{self, Expected};
use crate::secret::Secret;

impl Provider {
    /// Ends a login: redeems the code and checks everything that comes for it.
    ///
    /// # Errors
    /// When the provider cannot be reached, a check fails, or a requirement does not hold.
    pub async fn finish(&self, answer: &Answer<'_>) -> Result<Login, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        self.compare(&known, answer.iss)?;
        let code = AuthorizationCode::new(answer.code.expose().to_owned());
        let verifier = PkceCodeVerifier::new(answer.verifier.expose().to_owned());
        let response = known
            .client
            .exchange_code(code)
            .map_err(|_| self.wrong("discovery document"))?
            .set_pkce_verifier(verifier)
            .set_redirect_uri(Cow::Owned(redirect(answer.redirect_uri)?))
            .request_async(&self.http)
            .await
            .map_err(
                |fault| match ProviderError::of_token_endpoint(&self.config.id, fault) {
                    // Of a code it says no more than that the code is worth nothing.
                    ProviderError::Ended => self.wrong("code"),
                    other => other,
                },
            )?;
        let token = response.id_token().ok_or_else(|| self.wrong("id_token"))?;
        let nonce = Nonce::new(answer.nonce.expose().to_owned());
        let expected = Expected::Id(Some(&nonce));
        let claims = self.claims_of(&known, token, expected).await?;
        self.login(&known, &response, Some(claims), None).await
    }

    /// Asks again about the person `subject`, with the refresh token of their login.
    ///
    /// # Errors
    /// [`ProviderError::Ended`] when the provider takes the token no more; otherwise as
    /// [`Provider::finish`]. [`ProviderError::is_final`] tells whether asking later may help.
    pub async fn refresh(&self, token: &Secret, subject: &str) -> Result<Login, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        let token = RefreshToken::new(token.expose().to_owned());
        let response: CoreTokenResponse = known
            .client
            .exchange_refresh_token(&token)
            .map_err(|_| self.wrong("discovery document"))?
            .request_async(&self.http)
            .await
            .map_err(|fault| ProviderError::of_token_endpoint(&self.config.id, fault))?;
        let claims = match response.id_token() {
            // Core 12.2: a nonce need not be there, and we no longer know it.
            Some(token) => Some(self.claims_of(&known, token, Expected::Id(None)).await?),
            None => None,
        };
        self.login(&known, &response, claims, Some(subject)).await
    }

    /// What the operator needs to know of a token that is refused.
    fn tell(&self, fault: token::Fault, token: &CoreIdToken) {
        let provider = &self.config.id;
        match fault {
            token::Fault::Audience | token::Fault::Party => tracing::warn!(
                provider,
                audiences = token::audiences_of(token),
                "a token is not for this server alone: if its azp is this server, name the other \
                 audiences in trusted_audiences of the [[identity_provider]]"
            ),
            token::Fault::Algorithm => tracing::warn!(
                provider,
                algorithm = token::algorithm_of(token),
                "a token is signed in a way that is not supported (as ES512), or that the discovery \
                 document does not list (id_token_signing_alg_values_supported): have the provider \
                 sign in another"
            ),
            _ => {}
        }
    }

    /// The claims of a token that is checked; with newer keys if its key is not known.
    pub(super) async fn claims_of(
        &self,
        known: &Arc<Known>,
        token: &CoreIdToken,
        expected: Expected<'_>,
    ) -> Result<Value, ProviderError> {
        let now = self.clock.now();
        let trusted = &self.config.trusted_audiences;
        let mut checked = token::check(known, token, expected, trusted, now);
        if checked == Err(token::Fault::UnknownKey)
            && let Some(newer) = self.discovery.newer(&self.http, known).await
        {
            checked = token::check(&newer, token, expected, trusted, now);
        }
        checked.map_err(|fault| {
            self.tell(fault, token);
            self.wrong(fault.what(expected))
        })
    }
}
