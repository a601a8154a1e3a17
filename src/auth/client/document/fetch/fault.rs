//! Why a document cannot be fetched.

use thiserror::Error;

/// Why a document could not be fetched.
#[derive(Debug, Error)]
pub enum FetchFault {
    /// The name leads to no public address.
    #[error("no public address")]
    Address,
    /// The name leads nowhere.
    #[error("its name does not resolve")]
    Name,
    /// The proxy of the operator does not let this server through.
    #[error("the proxy refuses")]
    Proxy,
    /// Nobody vouches for whoever answers there.
    #[error("its certificate is not trusted")]
    Certificate,
    /// Not all of it came in time.
    #[error("no answer in time")]
    Slow,
    /// No connection, or none that lasted.
    #[error("no answer")]
    Answer,
    /// Another status than 200, redirects included.
    #[error("the status {status}")]
    Status {
        /// HTTP status.
        status: u16,
    },
    /// It is not JSON.
    #[error("another type of content")]
    Type,
    /// It has more than 5 KiB.
    #[error("too long")]
    TooLong,
}

impl FetchFault {
    /// Whether the server said nothing of the client: nobody answered, or somebody who does not let
    /// this server see it, as hosts do that keep programs out.
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
                 login in its address"
            }
            Self::Certificate => {
                "if something on the way opens TLS, have the system trust its authority \
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
