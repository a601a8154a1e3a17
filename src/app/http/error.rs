//! Why the server does not start.

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use crate::auth;
use crate::store::rekey::RingRefused;
use crate::store::{RingFault, StoreError};

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration is not one of the HTTP mode.
    #[error("the configuration is not for HTTP")]
    NotHttp,
    /// Another process listens there, or this machine does not have the address.
    #[error("cannot listen on {address} ({setting})")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The settings of the address.
        setting: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Keys(#[from] RingFault),
    /// The database cannot be opened.
    #[error("cannot open the database {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// A key is missing under which there are values.
    #[error(transparent)]
    Ring(#[from] RingRefused),
    /// The authorization server cannot be set up.
    #[error(transparent)]
    Auth(#[from] auth::StartError),
}
