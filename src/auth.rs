//! Who may come in: the OAuth 2.1 authorization server, sign-in at identity providers, and the
//! credentials that people keep here.

mod account;
mod address;
mod alias;
mod authorize;
pub mod bearer;
mod below;
mod bound_form;
mod callback;
pub mod client;
mod consent;
mod cookie;
pub mod document;
mod entered;
pub mod error;
pub mod form;
mod form_token;
mod gate;
mod leg;
pub mod limit;
pub mod metadata;
mod pending;
pub mod provider;
pub mod random;
pub mod redirect;
mod register;
mod reply;
mod request_name;
pub mod resource;
mod revoke;
pub mod scope;
mod see_other;
mod sign_in;
pub mod signing;
mod token;
mod trouble;
mod vault;
mod visit;
mod web;

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
use provider::{Provider, SetupError};

pub use below::below_path;
pub use document::Outside;
pub use error::Error;
pub use gate::{Gate, HeldError, Refused};
pub use request_name::RequestName;
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
    documents: document::Documents,
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
            documents: document::Documents::new(&parts.outside, &parts.config.authorization)
                .map_err(StartError::Certificates)?,
            registrations: limit::Rate::per_minute(register::PER_MINUTE),
            turns: token::Turns::default(),
            visits: limit::Rate::per_minute(visit::PER_MINUTE),
            consents: limit::Rate::per_minute(visit::PER_MINUTE),
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
        let pages = web::router(self);
        let pages = pages.route_layer(from_fn_with_state(self.clone(), alias::lead));
        Router::new()
            // Under every name: a page may take nothing from another origin.
            .route(&style::PATH, get(|| async { style::answer() }))
            .merge(metadata::router(self))
            .merge(register::router(self))
            .merge(revoke::router())
            .merge(token::router())
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
