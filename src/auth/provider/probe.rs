//! Checks that a provider works and is the configured one, for the operator.

use openidconnect::AsyncHttpClient as _;
use serde_json::Value;
use thiserror::Error;

use super::Provider;
use super::error::ProviderError;

/// Characters of an issuer in a message.
const SHOWN: usize = 200;

/// Why nobody could sign in at a provider.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProbeError {
    /// There is no answer.
    #[error("it does not answer: {cause}")]
    Unanswered {
        /// The cause, without URLs.
        cause: String,
    },
    /// Something answers, but has no discovery document.
    #[error("it has no discovery document there ({status})")]
    Absent {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not a discovery document.
    #[error("its answer is not a discovery document")]
    Malformed,
    /// The document is another provider's, or writes the issuer differently.
    #[error("its discovery document names the issuer {written}")]
    OtherIssuer {
        /// The issuer in the document.
        written: String,
    },
    /// The document or its keys cannot be used.
    #[error(transparent)]
    Unusable(#[from] ProviderError),
}

impl ProbeError {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Unanswered { cause } if cause.contains("certificate") => {
                "add the authority that signed it to those that this machine trusts (on Linux, \
                 SSL_CERT_FILE names a file of all trusted ones); KESTRA_CA_FILE is for Kestra \
                 alone"
            }
            Self::Unanswered { .. } => {
                "check the URL (OIDC_ISSUER_URL, or issuer of [[identity_provider]]), and whether \
                 a VPN or HTTPS_PROXY is needed"
            }
            Self::Absent { .. } | Self::Malformed => {
                "set OIDC_ISSUER_URL, or issuer of [[identity_provider]], to the URL that stands \
                 before /.well-known/openid-configuration"
            }
            Self::OtherIssuer { written } => {
                return format!(
                    "if that is your provider, set OIDC_ISSUER_URL, or issuer of \
                     [[identity_provider]], to {written}, byte for byte"
                );
            }
            Self::Unusable(_) => "look at its discovery document and the keys that it names",
        }
        .to_owned()
    }
}

impl Provider {
    /// Fetches the discovery document and the keys that it names (OpenID Connect Discovery 1.0 §4).
    ///
    /// # Errors
    /// [`ProbeError`]
    pub async fn probe(&self) -> Result<(), ProbeError> {
        let issuer = self.config.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let request = http::Request::get(address).body(Vec::new());
        let request = request.map_err(|_| ProbeError::Malformed)?;
        let answer = self.http.call(request).await;
        let answer = answer.map_err(|failure| ProbeError::Unanswered {
            cause: failure.to_string(),
        })?;
        if answer.status() != http::StatusCode::OK {
            return Err(ProbeError::Absent {
                status: answer.status().as_u16(),
            });
        }
        let document: Option<Value> = serde_json::from_slice(answer.body()).ok();
        let written = document
            .as_ref()
            .and_then(|document| document.get("issuer"));
        let written = written.and_then(Value::as_str);
        let written = written.ok_or(ProbeError::Malformed)?;
        if written != self.config.issuer {
            return Err(ProbeError::OtherIssuer {
                written: written
                    .chars()
                    .filter(|next| !next.is_control())
                    .take(SHOWN)
                    .collect(),
            });
        }
        self.discovery.known(&self.http).await?;
        Ok(())
    }
}
