//! Why a provider cannot be used as it is configured.

use thiserror::Error;

/// Why a provider cannot be used as it is configured.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The issuer is not a URL.
    #[error("the issuer {issuer} is not a URL")]
    Issuer {
        /// As configured.
        issuer: String,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// A parameter of the authorization request is not the configuration's to set.
    #[error("the parameter {name} is set by this server")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// The certificates of this machine cannot be read.
    #[error("no client can be made")]
    Client(#[source] reqwest::Error),
}
