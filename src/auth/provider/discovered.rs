//! What discovery found about a provider.

use openidconnect::core::{
    CoreClient, CoreGenderClaim, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AdditionalClaims, ClientId, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, SubjectIdentifier, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::http::{Failure, Http};

/// All claims of a userinfo response besides the standard ones.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct More {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for More {}

/// This server as a client of a provider.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What discovery found about a provider.
#[derive(Debug)]
pub(super) struct Discovered {
    pub(super) client: Client,
    pub(super) client_id: ClientId,
    pub(super) issuer: IssuerUrl,
    pub(super) keys: CoreJsonWebKeySet,
    /// Whether it promises `iss` in authorization responses (RFC 9207).
    pub(super) names_itself: bool,
    /// The supported algorithms among those that it lists for ID tokens.
    pub(super) algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// Whether `offline_access` may be requested: it lists that scope, or lists none.
    pub(super) offline: bool,
    /// When this was fetched, in milliseconds since the epoch.
    pub(super) read: u64,
}

impl Discovered {
    /// The claims of the userinfo endpoint; none if there is no such endpoint. They must be about
    /// `subject`.
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
            .map_err(|_| UserInfoError::Other("claims that cannot be serialized".to_owned()))
    }
}
