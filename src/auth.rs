//! Who may come in: the OAuth 2.1 authorization server, sign-in at identity providers, and the
//! credentials that people keep here.

mod browser;
pub mod client;
pub mod limit;
pub mod provider;
pub mod random;
mod request_name;
pub mod resource;
pub mod server;
mod vault;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use thiserror::Error;

use crate::clock::Clock;
use crate::config::Trust;
use crate::config::http::{Http, Public};
use crate::kestra::Kestra;
use crate::pages::style;
use crate::policy::Policy;
use crate::store::{Hash, KeyRing, Ms, Store};
use browser::{canonical_host, form_token, request, routes};
use client::document::Documents;
use provider::{Provider, SetupError};
use resource::bearer;
use server::{register, signing, token};

pub use browser::public_path::below_path;
pub use client::document::Outside;
pub use request_name::RequestName;
pub use resource::{Gate, HeldError, Refused};
pub use server::error::Error;
pub use vault::NotKept;

/// What an authorization server is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its settings.
    pub config: Arc<Http>,
    /// Under which address the world knows it.
    pub public: Public,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What seals it.
    pub ring: Arc<KeyRing>,
    /// The time.
    pub clock: Clock,
    /// What roles allow.
    pub policy: Policy,
    /// The Kestra that people have credentials for.
    pub kestra: Arc<Kestra>,
    /// Where client metadata documents come from.
    pub outside: Outside,
}

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

/// What every endpoint needs. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Auth(pub(crate) Arc<Inner>);

/// See [`Auth`].
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Arc<Http>,
    pub(crate) public: Public,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) clock: Clock,
    pub(crate) policy: Policy,
    pub(crate) kestra: Arc<Kestra>,
    signing: signing::Signing,
    checks: bearer::Checks,
    documents: Documents,
    registrations: limit::Rate<limit::Source>,
    turns: token::Turns,
    visits: limit::Rate<limit::Source>,
    consents: limit::Rate<limit::Source>,
    renderings: limit::Rate<Hash>,
    vault: vault::Vault,
    /// Never empty.
    pub(crate) providers: Vec<Provider>,
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
            checks: bearer::Checks::default(),
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

    /// Milliseconds since the epoch.
    pub(crate) fn now(&self) -> Ms {
        Ms::try_from(self.0.clock.now_ms()).unwrap_or(Ms::MAX)
    }
}
