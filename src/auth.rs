//! Who may come in: the OAuth 2.1 authorization server, sign-in at identity providers, and the
//! credentials that people keep here.

mod browser;
pub mod client;
mod host;
pub mod limit;
mod parts;
pub mod provider;
pub mod random;
mod request_name;
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
use resource::token_cache::Checks;
use server::{register, signing, token};
use state::Inner;

pub use browser::public_path::below_path;
pub use client::document::Outside;
pub use parts::Parts;
pub use request_name::RequestName;
pub use resource::{Gate, Refused};
pub use server::error::Error;
pub use state::Auth;
pub use vault::{HeldError, NotKept};

/// Why there is no authorization server.
#[derive(Debug, Error)]
pub enum StartError {
    /// No access token can be signed.
    #[error("no access token can be signed")]
    Signing(#[from] signing::SigningError),
    /// The certificates of this machine cannot be read.
    #[error("the certificates of this machine cannot be read")]
    Certificates(#[source] reqwest::Error),
    /// An identity provider cannot be used as it is configured.
    #[error("the identity provider {id} cannot be used")]
    Provider {
        /// The operator's name for it.
        id: String,
        /// Why.
        source: SetupError,
    },
}

impl Auth {
    /// With the signing keys of the database; the first server makes one.
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
            checks: Checks::default(),
            documents: Documents::new(&parts.outside, &parts.config.authorization)
                .map_err(StartError::Certificates)?,
            registrations: limit::Rate::per_minute(register::PER_MINUTE),
            turns: token::Turns::default(),
            visits: limit::Rate::per_minute(request::PER_MINUTE),
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

    /// All endpoints but `/mcp`. Cross-origin headers, and where a request comes from as
    /// [`limit::Source`], come from the transport.
    pub fn router(&self) -> Router {
        let pages = routes::router(self);
        let pages = pages.route_layer(from_fn_with_state(self.clone(), canonical_host::lead));
        Router::new()
            // Under every name: a page may take nothing from another origin.
            .route(&style::PATH, get(|| async { style::answer() }))
            .merge(server::router(self))
            .merge(pages)
            .with_state(self.clone())
    }

    /// Looks whether somebody could sign in at each identity provider; the log says what is wrong.
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
