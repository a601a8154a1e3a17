//! What a client metadata document contains, and the client that it describes.

use serde::Deserialize;

use crate::auth::client::redirect::{self, Application, Apps};
use crate::auth::client::registration::{AUTHORIZATION_CODE, REFRESH_TOKEN, short_name, text};
use crate::store::{AuthMethod, Client, ClientKind, Ms};

/// Redirect URIs of one client.
const REDIRECTS: usize = 32;

/// A client metadata document (draft-ietf-oauth-client-id-metadata-document). An empty text counts
/// as absent.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(default, deserialize_with = "text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    application_type: Option<String>,
    client_secret: Option<serde_json::Value>,
    client_secret_expires_at: Option<serde_json::Value>,
}

impl Document {
    /// The client that it describes.
    pub(super) fn client(self, id: &str, apps: Apps<'_>, now: Ms) -> Result<Client, &'static str> {
        if self.client_id.as_deref() != Some(id) {
            return Err("client_id");
        }
        if self.client_secret.is_some() || self.client_secret_expires_at.is_some() {
            return Err("it has a secret");
        }
        let name = self.client_name.unwrap_or_default();
        if name.trim().is_empty() {
            return Err("client_name");
        }
        let mut methods = self.token_endpoint_auth_methods_supported;
        methods.extend(self.token_endpoint_auth_method);
        if !methods.is_empty() && !methods.iter().any(|method| method == "none") {
            return Err("token_endpoint_auth_method");
        }
        let application = Application::of(self.application_type.as_deref());
        let application = application.ok_or("application_type")?;
        let redirect_uris = self.redirect_uris.unwrap_or_default();
        let is_good = |uri: &String| redirect::check(uri, application, apps).is_ok();
        if redirect_uris.is_empty()
            || redirect_uris.len() > REDIRECTS
            || !redirect_uris.iter().all(is_good)
        {
            return Err("redirect_uris");
        }
        if let Some(types) = self.response_types
            && !types.iter().any(|kind| kind == "code")
        {
            return Err("response_types");
        }
        // RFC 7591 section 2: authorization_code is the default.
        let code = vec![AUTHORIZATION_CODE.to_owned()];
        let mut grant_types = self.grant_types.unwrap_or(code);
        grant_types.retain(|kind| [AUTHORIZATION_CODE, REFRESH_TOKEN].contains(&kind.as_str()));
        if !grant_types.iter().any(|kind| kind == AUTHORIZATION_CODE) {
            return Err("grant_types");
        }
        Ok(Client {
            id: id.to_owned(),
            kind: ClientKind::Metadata,
            name: short_name(&name),
            auth_method: AuthMethod::None,
            secret: None,
            redirect_uris,
            application_type: application.as_str().to_owned(),
            grant_types,
            scope: None,
            created: now,
            last_used: None,
        })
    }
}
