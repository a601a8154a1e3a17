//! The end of a login, and of a later check: a code or a refresh token is exchanged for verified
//! claims.

use std::borrow::Cow;
use std::sync::Arc;

use openidconnect::core::{CoreIdToken, CoreTokenResponse};
use openidconnect::{AuthorizationCode, Nonce, PkceCodeVerifier, RefreshToken, TokenResponse};
use serde_json::Value;

use super::Provider;
use super::begin::redirect;
use super::discovered::Discovered;
use super::error::ProviderError;
use super::login::{Answer, Login};
use super::token::{self, Expected};
use crate::secret::Secret;

impl Provider {
    /// Ends a login: redeems the code, and verifies everything that it returns.
    ///
    /// # Errors
    /// When the provider cannot be reached, a check fails, or a requirement is not met.
    pub async fn finish(&self, answer: &Answer<'_>) -> Result<Login, ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        self.compare_issuer(&known, answer.iss)?;
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
                    // For a code, this means only that the code is not valid.
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

    /// Asks about the person `subject` again, with the refresh token of their login.
    ///
    /// # Errors
    /// [`ProviderError::Ended`] if the provider no longer accepts the token; otherwise as
    /// [`Provider::finish`]. [`ProviderError::is_final`] says whether asking again may help.
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
            // Core 12.2: a nonce is not required, and it is no longer known here.
            Some(token) => Some(self.claims_of(&known, token, Expected::Id(None)).await?),
            None => None,
        };
        self.login(&known, &response, claims, Some(subject)).await
    }

    /// Logs what the operator needs to know about a refused token.
    fn log_refused(&self, fault: token::InvalidToken, token: &CoreIdToken) {
        let provider = &self.config.id;
        match fault {
            token::InvalidToken::Audience | token::InvalidToken::Party => tracing::warn!(
                provider,
                audiences = token::audiences_of(token),
                "a token has other audiences than this server: if its azp is this server, add the \
                 other audiences to trusted_audiences of the [[identity_provider]]"
            ),
            token::InvalidToken::Algorithm => tracing::warn!(
                provider,
                algorithm = token::algorithm_of(token),
                "a token is signed with an algorithm that is not supported (such as ES512), or \
                 that the discovery document does not list \
                 (id_token_signing_alg_values_supported): make the provider use another"
            ),
            _ => {}
        }
    }

    /// The claims of a token, once verified; fetches newer keys if its key is unknown.
    pub(super) async fn claims_of(
        &self,
        known: &Arc<Discovered>,
        token: &CoreIdToken,
        expected: Expected<'_>,
    ) -> Result<Value, ProviderError> {
        let now = self.clock.now();
        let trusted = &self.config.trusted_audiences;
        let mut checked = token::check(known, token, expected, trusted, now);
        if checked == Err(token::InvalidToken::UnknownKey)
            && let Some(newer) = self.discovery.newer(&self.http, known).await
        {
            checked = token::check(&newer, token, expected, trusted, now);
        }
        checked.map_err(|fault| {
            self.log_refused(fault, token);
            self.wrong(fault.what(expected))
        })
    }
}
