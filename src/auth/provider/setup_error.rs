//! Why a provider cannot be used with its configuration.

use thiserror::Error;

/// Why a provider cannot be used with its configuration.
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
    /// The configuration sets a parameter of the authentication request that only this server may
    /// set.
    #[error("only this server may set the parameter {name}")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// The system's certificates cannot be read.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}
