//! Authentication and authorization over HTTP, in rooms by who asks.
//!
//! - [`server`]: the OAuth 2.1 authorization server, for clients.
//! - `browser`: the pages that a person visits to sign in and to see their account.
//! - [`client`]: which client is asking, and where it may be answered.
//! - [`resource`]: whether a request may reach `/mcp`, for the MCP endpoint.
//! - [`provider`]: OpenID Connect, for people who sign in at an identity provider.
//! - `vault`: the Kestra credentials that people store.
//!
//! Below the rooms is what several of them need: `parts` and `state` (what the endpoints share),
//! [`limit`], [`random`], `request_id` and `host`.

mod browser;
pub mod client;
mod host;
pub mod limit;
mod parts;
pub mod provider;
pub mod random;
mod request_id;
pub mod resource;
pub mod server;
mod state;
mod vault;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use thiserror::Error;

use crate::config::Trust;
use crate::pages::style;
use browser::{canonical_host, form_token, request, routes};
use client::document::Documents;
use provider::{Provider, SetupError};
use resource::token_cache::TokenCache;
use server::{register, signing, token};
use state::Inner;

pub use browser::public_path::below_path;
pub use client::document::Network;
pub use parts::Parts;
pub use request_id::RequestId;
pub use resource::{BearerError, Gate};
pub use server::error::Error;
pub use state::Auth;
pub use vault::{CredentialError, NotStored};

/// Why the authorization server cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No access token can be signed.
    #[error("access tokens cannot be signed")]
    Signing(#[from] signing::SigningError),
    /// The system's certificates cannot be read.
    #[error("the certificates of this machine cannot be read")]
    Certificates(#[source] reqwest::Error),
    /// An identity provider cannot be used with its configuration.
    #[error("the identity provider {id} cannot be used")]
    Provider {
        /// The operator's name for the provider.
        id: String,
        /// The cause.
        source: SetupError,
    },
}

impl Auth {
    /// Opens the signing keys of the database; the first server to start creates one.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn new(parts: Parts) -> Result<Self, StartError> {
        let signing = signing::Signing::open(
            Arc::clone(&parts.store),
            Arc::clone(&parts.ring),
            parts.clock.clone(),
            &parts.public,
        );
        let providers = parts.config.providers.iter().map(|config| {
            let made = Provider::new(
                Arc::clone(config),
                parts.policy.clone(),
                parts.clock.clone(),
                &Trust::System,
            );
            made.map_err(|source| StartError::Provider {
                id: config.id.clone(),
                source,
            })
        });
        let providers: Vec<Provider> = providers.collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Inner {
            providers,
            signing: signing.await?,
            token_cache: TokenCache::default(),
            documents: Documents::new(&parts.network, &parts.config.authorization)
                .map_err(StartError::Certificates)?,
            registrations: limit::Rate::per_minute(register::PER_MINUTE),
            refresh_locks: token::RefreshLocks::default(),
            sign_ins: limit::Rate::per_minute(request::PER_MINUTE),
            consents: limit::Rate::per_minute(request::PER_MINUTE),
            renderings: limit::Rate::per_minute(form_token::PER_MINUTE),
            vault: vault::Vault::new(&parts),
            config: parts.config,
            public: parts.public,
            store: parts.store,
            ring: parts.ring,
            clock: parts.clock,
            policy: parts.policy,
            kestra: parts.kestra,
        })))
    }

    /// Every route but `/mcp`. The transport adds the cross-origin headers and [`limit::Source`].
    pub fn router(&self) -> Router {
        let pages = routes::router(self);
        let pages = pages.route_layer(from_fn_with_state(
            self.clone(),
            canonical_host::redirect_others,
        ));
        Router::new()
            // Served under every host name: a page may load nothing from another origin.
            .route(&style::PATH, get(|| async { style::answer() }))
            .merge(server::router(self))
            .merge(pages)
            .with_state(self.clone())
    }

    /// Checks whether people could sign in at each identity provider, and logs what is wrong.
    pub async fn look_at_providers(&self) {
        for provider in &self.0.providers {
            if let Err(error) = provider.probe().await {
                tracing::warn!(
                    provider = provider.config().id,
                    issuer = provider.config().issuer,
                    cause = %error,
                    remedy = error.remedy(),
                    "nobody can sign in at an identity provider"
                );
            }
        }
    }
}
