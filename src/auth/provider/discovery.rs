//! What a provider says of itself (OpenID Connect Discovery 1.0): asked at the first use, and kept.

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
use super::error::ProviderError;
use super::http::Http;
use super::known::{Client, Known};
use crate::clock::Clock;

/// The scope by which a provider gives refresh tokens (OpenID Connect Core section 11).
pub(super) const OFFLINE_ACCESS: &str = "offline_access";
/// Milliseconds after which the documents are read again, so that a key that the provider gave up
/// is given up here too.
const OLD: u64 = 3_600_000;
/// Milliseconds between two readings after the first: a token under an unknown key costs the
/// provider nothing more.
const AGAIN: u64 = 60_000;

/// What RFC 9207 adds to the document.
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

/// Reads the documents, once for all that wait.
#[derive(Debug)]
pub(super) struct Discovery {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    clock: Clock,
    known: RwLock<Option<Arc<Known>>>,
    /// Room for one question at a time, and how the last one failed.
    asking: Mutex<Option<ProviderError>>,
    /// Counts the answers, so that who waited takes the one that came meanwhile.
    answers: AtomicU64,
    /// When it was last asked, in milliseconds since the epoch.
    asked: AtomicU64,
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
            asking: Mutex::default(),
            answers: AtomicU64::default(),
            asked: AtomicU64::default(),
        }
    }

    fn kept(&self) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// The provider as it is known; asked now if it is not. Old knowledge serves while it cannot be
    /// had anew.
    pub(super) async fn known(&self, http: &Http) -> Result<Arc<Known>, ProviderError> {
        let Some(kept) = self.kept() else {
            return self.first(http).await;
        };
        if self.clock.now_ms().saturating_sub(kept.read) < OLD {
            return Ok(kept);
        }
        Ok(self.newer(http, &kept).await.unwrap_or(kept))
    }

    async fn first(&self, http: &Http) -> Result<Arc<Known>, ProviderError> {
        let before = self.answers.load(Ordering::SeqCst);
        let mut failed = self.asking.lock().await;
        if let Some(kept) = self.kept() {
            return Ok(kept);
        }
        if let Some(error) = failed.as_ref()
            && self.answers.load(Ordering::SeqCst) != before
        {
            return Err(error.clone());
        }
        let answer = self.ask(http).await;
        *failed = answer.as_ref().err().cloned();
        answer
    }

    /// What is known beyond `than`, such as new keys: asks again unless that was done just now.
    pub(super) async fn newer(&self, http: &Http, than: &Arc<Known>) -> Option<Arc<Known>> {
        let _one = self.asking.lock().await;
        if let Some(kept) = self.kept()
            && !Arc::ptr_eq(&kept, than)
        {
            return Some(kept);
        }
        let since = self.asked.load(Ordering::SeqCst);
        if self.clock.now_ms().saturating_sub(since) < AGAIN {
            return None;
        }
        self.ask(http).await.ok()
    }

    async fn ask(&self, http: &Http) -> Result<Arc<Known>, ProviderError> {
        let now = self.clock.now_ms();
        self.asked.store(now, Ordering::SeqCst);
        let answer = Metadata::discover_async(self.issuer.clone(), http).await;
        self.answers.fetch_add(1, Ordering::SeqCst);
        let metadata = answer.map_err(|fault| ProviderError::of_discovery(&self.issuer, fault))?;
        let known = Arc::new(self.know(metadata, now)?);
        let mut kept = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Arc::clone(&known));
        Ok(known)
    }

    fn know(&self, metadata: Metadata, now: u64) -> Result<Known, ProviderError> {
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
        // Basic is what holds where nothing is said (Discovery 1.0 §3).
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
        Ok(Known {
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
