//! The HTTP client for a provider: its responses are limited in size and time, and never redirect.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use thiserror::Error;
use url::Url;

use super::setup_error::SetupError;
use crate::config::Trust;
use crate::kestra::http_client_to;
use crate::tool::cause::in_words;

/// Limits of one response.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From connecting to the last byte.
    pub time: Duration,
    /// Bytes of the body.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            body: 1 << 20,
        }
    }
}

/// Why there is no usable response.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{}", in_words(.0))]
    Unreachable(#[source] reqwest::Error),
    #[error("no complete answer in time")]
    Slow,
    #[error("status {}", .status.as_u16())]
    Busy {
        status: StatusCode,
        /// Seconds.
        retry_after: Option<u64>,
    },
    #[error("status {}, a redirect", .0.as_u16())]
    Redirect(StatusCode),
    #[error("the body is too long")]
    TooLong,
    #[error("a URL without TLS")]
    Insecure,
    #[error("a URL that cannot be requested")]
    Address(#[source] reqwest::Error),
}

#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    /// Whether TLS is required, because the issuer URL has it.
    secure: bool,
    pub(super) limits: Limits,
}

impl Http {
    /// A client for the provider `issuer` and the endpoints that its discovery document names.
    pub(super) fn to(issuer: &Url, trust: &Trust) -> Result<Self, SetupError> {
        let secure = issuer.scheme() == "https";
        let trust = match trust {
            // Turning verification off is meant for a test Kestra, never for a provider.
            Trust::Anyone => &Trust::System,
            other => other,
        };
        let client = http_client_to(issuer, secure.then_some(trust)).map_err(SetupError::Client)?;
        Ok(Self {
            client,
            secure,
            limits: Limits::default(),
        })
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        if self.secure && request.uri().scheme_str() != Some("https") {
            return Err(Failure::Insecure);
        }
        let request = reqwest::Request::try_from(request).map_err(Failure::Address)?;
        let whole = async {
            let sent = self.client.execute(request).await;
            self.read(sent.map_err(Failure::Unreachable)?).await
        };
        tokio::time::timeout(self.limits.time, whole)
            .await
            .unwrap_or(Err(Failure::Slow))
    }

    async fn read(&self, mut response: Response) -> Result<HttpResponse, Failure> {
        let status = response.status();
        if status.is_redirection() {
            return Err(Failure::Redirect(status));
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let header = response.headers().get(RETRY_AFTER);
            let retry_after = header.and_then(|value| value.to_str().ok()?.parse().ok());
            return Err(Failure::Busy {
                status,
                retry_after,
            });
        }
        let headers = response.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Failure::Unreachable)? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut whole = HttpResponse::new(body);
        *whole.status_mut() = status;
        *whole.headers_mut() = headers;
        Ok(whole)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}
