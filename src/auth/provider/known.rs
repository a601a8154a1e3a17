//! A provider whose documents were read.

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

/// All claims of userinfo besides the standard's.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct More {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for More {}

/// This server as a client of a provider that is known.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

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
    /// Whether it may be asked for `offline_access`: it lists that scope, or lists none.
    pub(super) offline: bool,
    /// When they were read, in milliseconds since the epoch.
    pub(super) read: u64,
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
