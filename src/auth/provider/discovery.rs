//! What a provider says of itself (OpenID Connect Discovery 1.0): asked at the first use, and kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AdditionalProviderMetadata, AuthType, ClientId, ClientSecret,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, ProviderMetadata, SubjectIdentifier,
    UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::ProviderError;
use super::http::{Failure, Http};
use super::token::ALGORITHMS;
use crate::auth::server::scope::OFFLINE;
use crate::clock::Clock;

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

/// This server as a client of a provider that is known.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// All claims of userinfo besides the standard's.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct More {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for More {}

/// A provider whose documents were read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) client: Client,
    pub(super) client_id: ClientId,
    pub(super) issuer: IssuerUrl,
    pub(super) keys: CoreJsonWebKeySet,
    /// Whether it promises `iss` in answers (RFC 9207).
    pub(super) names_itself: bool,
    /// How it may sign ID tokens: what it lists, as far as this server takes it.
    pub(super) algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// Whether it may be asked for [`OFFLINE`]: it lists that scope, or lists none.
    pub(super) offline: bool,
    /// When they were read, in milliseconds since the epoch.
    read: u64,
}

impl Known {
    /// What the userinfo endpoint says; none where there is no such endpoint. `subject` is whom it
    /// must be about.
    pub(super) async fn userinfo(
        &self,
        http: &Http,
        token: AccessToken,
        subject: Option<String>,
    ) -> Result<Option<Value>, UserInfoError<Failure>> {
        let subject = subject.map(SubjectIdentifier::new);
        let Ok(request) = self.client.user_info(token, subject) else {
            return Ok(None);
        };
        let claims: UserInfoClaims<More, CoreGenderClaim> = request.request_async(http).await?;
        serde_json::to_value(claims)
            .map(Some)
            .map_err(|_| UserInfoError::Other("claims that cannot be written".to_owned()))
    }
}

/// Of the algorithms that a provider lists those that are taken here; says so if there is none.
fn algorithms(issuer: &str, listed: &[CoreJwsSigningAlgorithm]) -> Vec<CoreJwsSigningAlgorithm> {
    let taken = ALGORITHMS.iter().filter(|known| listed.contains(known));
    let taken: Vec<CoreJwsSigningAlgorithm> = taken.cloned().collect();
    if taken.is_empty() {
        let listed: Vec<String> = listed.iter().map(name).collect();
        tracing::warn!(
            issuer,
            listed = listed.join(" "),
            taken = ALGORITHMS.map(|one| name(&one)).join(" "),
            "the identity provider signs ID tokens in no way that is supported here (ES512 is not), \
             and nobody can sign in: have it sign in another"
        );
    }
    taken
}

/// As headers name it.
pub(super) fn name(algorithm: &CoreJwsSigningAlgorithm) -> String {
    let name = serde_json::to_value(algorithm).ok();
    let name = name.as_ref().and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

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
            scopes.is_empty() || scopes.iter().any(|scope| scope.as_str() == OFFLINE)
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
