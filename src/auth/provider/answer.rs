//! Whether what a browser brings back is an answer of the provider that was asked (RFC 9207).

use super::Provider;
use super::error::ProviderError;
use super::known::Known;

impl Provider {
    /// Whether an answer, be it a code or an error, is this provider's by its `iss` (RFC 9207 §2.4).
    ///
    /// # Errors
    /// [`ProviderError::MixUp`] when it is not; or why the discovery document cannot be had.
    pub async fn named_by(&self, iss: Option<&str>) -> Result<(), ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        self.compare(&known, iss)
    }

    pub(super) fn compare(&self, known: &Known, iss: Option<&str>) -> Result<(), ProviderError> {
        let what = match iss {
            Some(issuer) if issuer == self.config.issuer => return Ok(()),
            Some(_) => "iss names another",
            // Who says that its answers name it must do so.
            None if known.names_itself => {
                "iss is missing, though the discovery document promises it \
                 (authorization_response_iss_parameter_supported)"
            }
            None => return Ok(()),
        };
        tracing::warn!(
            provider = self.config.id,
            what,
            "an answer in the browser is not that of the identity provider that was asked"
        );
        Err(ProviderError::MixUp)
    }
}
