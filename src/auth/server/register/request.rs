//! The client metadata in a registration request.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use url::Url;

use crate::auth::client::redirect::{self, Application, Apps};
use crate::auth::client::{AUTHORIZATION_CODE, REFRESH_TOKEN, text};
use crate::auth::server::error::Error;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::store::AuthMethod;

/// Redirect URIs of one client.
const REDIRECTS: usize = 16;

/// The metadata that a client sends; an empty text counts as absent. Fields that are not named here
/// are neither stored nor returned.
#[derive(Deserialize)]
pub(super) struct ClientMetadata {
    redirect_uris: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    pub(super) client_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    pub(super) response_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    pub(super) application_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    logo_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    tos_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    policy_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    jwks_uri: Option<String>,
}

impl ClientMetadata {
    /// Parses a registration request.
    pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str());
        let kind = kind.and_then(Result::ok).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let what = "It is not application/json.";
            return Err(Error::Body { what });
        }
        serde_json::from_slice(body).map_err(|_| Error::Metadata {
            field: "(the document)",
        })
    }

    pub(super) fn redirects(
        &self,
        application: Application,
        apps: Apps<'_>,
    ) -> Result<Vec<String>, Error> {
        let uris = self.redirect_uris.as_deref().unwrap_or_default();
        if uris.is_empty() || uris.len() > REDIRECTS {
            return Err(Error::Redirect {
                why: "There must be 1 to 16 redirect URIs.",
            });
        }
        for uri in uris {
            redirect::check(uri, application, apps).map_err(|why| Error::Redirect { why })?;
        }
        Ok(uris.to_vec())
    }

    pub(super) fn method(&self) -> Result<AuthMethod, Error> {
        // RFC 7591 section 2: client_secret_basic is the default.
        match self.token_endpoint_auth_method.as_deref() {
            None | Some("client_secret_basic") => Ok(AuthMethod::Basic),
            Some("client_secret_post") => Ok(AuthMethod::Post),
            Some("none") => Ok(AuthMethod::None),
            Some(_) => Err(Error::Metadata {
                field: "token_endpoint_auth_method",
            }),
        }
    }

    /// The requested grant types, out of those that this server supports.
    pub(super) fn grant_types(&self) -> Result<Vec<String>, Error> {
        let code = [AUTHORIZATION_CODE.to_owned()];
        let requested = self.grant_types.as_deref().unwrap_or(&code);
        if !requested.iter().any(|kind| kind == AUTHORIZATION_CODE) {
            return Err(Error::Metadata {
                field: "grant_types",
            });
        }
        let known = [AUTHORIZATION_CODE, REFRESH_TOKEN].into_iter();
        Ok(known
            .filter(|known| requested.iter().any(|kind| kind == known))
            .map(str::to_owned)
            .collect())
    }

    /// Fields with URLs that a person might open. This server never requests them.
    pub(super) fn addresses(&self) -> Result<(), Error> {
        for (field, value) in [
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("tos_uri", &self.tos_uri),
            ("policy_uri", &self.policy_uri),
            ("jwks_uri", &self.jwks_uri),
        ] {
            let Some(value) = value else { continue };
            let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic());
            let is_web = ["https://", "http://"]
                .iter()
                .any(|scheme| value.starts_with(scheme));
            let has_host = Url::parse(value).is_ok_and(|url| url.has_host());
            if !is_plain || !is_web || !has_host {
                return Err(Error::Metadata { field });
            }
        }
        Ok(())
    }

    pub(super) fn scope(&self, auth: &Auth) -> Option<String> {
        let requested = self.scope.as_deref()?;
        let offered = Scope::offered(auth.0.policy.access());
        Some(Scope::cut(Some(requested), offered).to_string())
    }
}
