//! Discovery (OpenID Connect Discovery 1.0): fetched at the first use, then cached.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, ClientId, ClientSecret, IssuerUrl, ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::algorithms::algorithms;
use super::discovered::{Client, Discovered};
use super::error::ProviderError;
use super::http::Http;
use crate::clock::Clock;

/// The scope by which a provider issues refresh tokens (OpenID Connect Core section 11).
pub(super) const OFFLINE_ACCESS: &str = "offline_access";
/// Milliseconds after which the discovery document and the keys are fetched again, so that a key
/// that the provider withdrew is no longer trusted here.
const OLD: u64 = 3_600_000;
/// Milliseconds between fetches after the first, so that tokens with an unknown key do not flood
/// the provider.
const AGAIN: u64 = 60_000;

/// What RFC 9207 adds to the discovery document.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Additional {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Additional {}

type Metadata = ProviderMetadata<
    Additional,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Fetches the discovery document, once for all callers that wait.
#[derive(Debug)]
pub(super) struct Discovery {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    clock: Clock,
    known: RwLock<Option<Arc<Discovered>>>,
    /// One fetch at a time; contains how the last one failed.
    fetching: Mutex<Option<ProviderError>>,
    /// Counts fetches, so that a caller that waited uses the result of the one it waited for.
    fetches: AtomicU64,
    /// When the last fetch began, in milliseconds since the epoch.
    fetched_at: AtomicU64,
}

impl Discovery {
    pub(super) fn new(
        issuer: IssuerUrl,
        client_id: ClientId,
        client_secret: Option<ClientSecret>,
        clock: Clock,
    ) -> Self {
        Self {
            issuer,
            client_id,
            client_secret,
            clock,
            known: RwLock::default(),
            fetching: Mutex::default(),
            fetches: AtomicU64::default(),
            fetched_at: AtomicU64::default(),
        }
    }

    fn cached(&self) -> Option<Arc<Discovered>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// What is known about the provider, fetched if need be. While it cannot be fetched again, the
    /// old result is used.
    pub(super) async fn known(&self, http: &Http) -> Result<Arc<Discovered>, ProviderError> {
        let Some(cached) = self.cached() else {
            return self.first_fetch(http).await;
        };
        if self.clock.now_ms().saturating_sub(cached.read) < OLD {
            return Ok(cached);
        }
        Ok(self.newer(http, &cached).await.unwrap_or(cached))
    }

    async fn first_fetch(&self, http: &Http) -> Result<Arc<Discovered>, ProviderError> {
        let before = self.fetches.load(Ordering::SeqCst);
        let mut failed = self.fetching.lock().await;
        if let Some(cached) = self.cached() {
            return Ok(cached);
        }
        if let Some(error) = failed.as_ref()
            && self.fetches.load(Ordering::SeqCst) != before
        {
            return Err(error.clone());
        }
        let answer = self.fetch(http).await;
        *failed = answer.as_ref().err().cloned();
        answer
    }

    /// Something newer than `than`, such as new keys: fetches again unless that was done a moment
    /// ago.
    pub(super) async fn newer(
        &self,
        http: &Http,
        than: &Arc<Discovered>,
    ) -> Option<Arc<Discovered>> {
        let _one = self.fetching.lock().await;
        if let Some(cached) = self.cached()
            && !Arc::ptr_eq(&cached, than)
        {
            return Some(cached);
        }
        let since = self.fetched_at.load(Ordering::SeqCst);
        if self.clock.now_ms().saturating_sub(since) < AGAIN {
            return None;
        }
        self.fetch(http).await.ok()
    }

    async fn fetch(&self, http: &Http) -> Result<Arc<Discovered>, ProviderError> {
        let now = self.clock.now_ms();
        self.fetched_at.store(now, Ordering::SeqCst);
        let answer = Metadata::discover_async(self.issuer.clone(), http).await;
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let metadata = answer.map_err(|fault| ProviderError::of_discovery(&self.issuer, fault))?;
        let known = Arc::new(self.read(metadata, now)?);
        let mut cached = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *cached = Some(Arc::clone(&known));
        Ok(known)
    }

    fn read(&self, metadata: Metadata, now: u64) -> Result<Discovered, ProviderError> {
        let endpoint = metadata.authorization_endpoint().url();
        if self.issuer.url().scheme() == "https" && endpoint.scheme() != "https" {
            return Err(ProviderError::Wrong { what: "address" });
        }
        let names_itself = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        let offline = metadata.scopes_supported().is_none_or(|scopes| {
            scopes.is_empty() || scopes.iter().any(|scope| scope.as_str() == OFFLINE_ACCESS)
        });
        let algorithms = algorithms(
            &self.issuer,
            metadata.id_token_signing_alg_values_supported(),
        );
        let keys = metadata.jwks().clone();
        // Basic is the default (Discovery 1.0 §3).
        let posts = metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|methods| {
                !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                    && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            });
        let client = Client::from_provider_metadata(
            metadata,
            self.client_id.clone(),
            self.client_secret.clone(),
        );
        let client = if posts {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        };
        Ok(Discovered {
            client,
            client_id: self.client_id.clone(),
            issuer: self.issuer.clone(),
            keys,
            names_itself,
            algorithms,
            offline,
            read: now,
        })
    }
}
