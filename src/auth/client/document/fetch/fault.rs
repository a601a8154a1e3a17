//! Why a document cannot be fetched.

use thiserror::Error;

/// Why a document could not be fetched.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The name resolves to no public IP address.
    #[error("no public address")]
    Address,
    /// The name does not resolve.
    #[error("its name does not resolve")]
    Name,
    /// The operator's proxy refuses the connection.
    #[error("the proxy refuses")]
    Proxy,
    /// The server's certificate is not trusted.
    #[error("its certificate is not trusted")]
    Certificate,
    /// The answer did not arrive completely in time.
    #[error("no answer in time")]
    Slow,
    /// There was no connection, or it broke.
    #[error("no answer")]
    Answer,
    /// A status other than 200, redirects included.
    #[error("the status {status}")]
    Status {
        /// HTTP status.
        status: u16,
    },
    /// The answer is not JSON.
    #[error("the content is not JSON")]
    Type,
    /// The answer is longer than 5 KiB.
    #[error("it is longer than 5 KiB")]
    TooLong,
}

impl FetchError {
    /// Whether the server said nothing about the client: it did not answer, or did not let this
    /// server see the document, as hosts do that block programs.
    pub(in crate::auth::client::document) const fn is_silence(&self) -> bool {
        match self {
            Self::Address
            | Self::Name
            | Self::Proxy
            | Self::Certificate
            | Self::Slow
            | Self::Answer
            | Self::Type => true,
            Self::Status { status } => matches!(status, 401 | 403 | 407 | 408 | 425 | 429 | 500..),
            Self::TooLong => false,
        }
    }

    /// What the operator can do about it.
    pub(in crate::auth::client::document) const fn remedy(&self) -> &'static str {
        match self {
            Self::Name | Self::Slow | Self::Answer => {
                "let this server reach the host on port 443, or name a proxy in \
                 oauth.metadata_proxy; or register the client as [[client]] with this id"
            }
            Self::Address => {
                "let this server resolve the host to its public address, or name a proxy in \
                 oauth.metadata_proxy; or register the client as [[client]] with this id"
            }
            Self::Proxy => {
                "have the proxy of oauth.metadata_proxy allow the host on port 443, and check the \
                 login in its URL"
            }
            Self::Certificate => {
                "if something on the way intercepts TLS, make the system trust its authority \
                 (SSL_CERT_FILE); or register the client as [[client]] with this id"
            }
            Self::Status { status: 404 | 410 } => "none: the client is no longer published there",
            Self::Status { .. } | Self::Type | Self::TooLong => {
                "the host does not show the document to this server: register the client as \
                 [[client]] with this id"
            }
        }
    }
}
