//! Whether an authorization response comes from the provider that was asked (RFC 9207).

use super::Provider;
use super::discovered::Discovered;
use super::error::ProviderError;

impl Provider {
    /// Checks that a response, with a code or an error, is this provider's by its `iss` (RFC 9207
    /// §2.4).
    ///
    /// # Errors
    /// [`ProviderError::MixUp`] if it is not; otherwise why there is no discovery document.
    pub async fn check_issuer(&self, iss: Option<&str>) -> Result<(), ProviderError> {
        let known = self.discovery.known(&self.http).await?;
        self.compare_issuer(&known, iss)
    }

    pub(super) fn compare_issuer(
        &self,
        known: &Discovered,
        iss: Option<&str>,
    ) -> Result<(), ProviderError> {
        let what = match iss {
            Some(issuer) if issuer == self.config.issuer => return Ok(()),
            Some(_) => "iss names another",
            // A provider that promises `iss` must send it.
            None if known.names_itself => {
                "iss is missing, though the discovery document promises it \
                 (authorization_response_iss_parameter_supported)"
            }
            None => return Ok(()),
        };
        tracing::warn!(
            provider = self.config.id,
            what,
            "an authorization response does not come from the identity provider that was asked"
        );
        Err(ProviderError::MixUp)
    }
}
