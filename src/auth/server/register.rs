//! `POST /register`: clients that register themselves (RFC 7591).

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{Router, post};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::auth::Auth;
use crate::auth::client::redirect::{self, Application, Apps};
use crate::auth::client::{AUTHORIZATION_CODE, REFRESH_TOKEN, short_name, text};
use crate::auth::limit::Source;
use crate::auth::random;
use crate::auth::server::error::Error;
use crate::auth::server::form;
use crate::auth::server::scope::Scope;
use crate::secret::Secret;
use crate::store::{AuthMethod, Client, ClientKind, Hash, Ms};

/// Bytes of a registration.
const LONGEST: usize = 16 * 1024;
/// Redirect URIs of one client.
const REDIRECTS: usize = 16;
/// Clients that may be kept at once; those that are not used go by themselves.
const CLIENTS: u64 = 10_000;
/// Milliseconds after which an unused client makes room for another while there are as many: longer
/// than a person may take to consent and to sign in, ten minutes each.
const UNUSED: Ms = 25 * 60_000;
/// Registrations that one address may make in a minute.
pub(in crate::auth) const PER_MINUTE: u32 = 20;

/// What a client says of itself: an empty text says nothing. What is not named here is not kept, and not told back.
#[derive(Deserialize)]
struct Asked {
    redirect_uris: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    client_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    application_type: Option<String>,
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

/// What is kept of a client (RFC 7591 section 3.2.1).
#[derive(Serialize)]
struct Registered<'a> {
    client_id: &'a str,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u8>,
    client_name: &'a str,
    redirect_uris: &'a [String],
    token_endpoint_auth_method: &'static str,
    grant_types: &'a [String],
    response_types: [&'static str; 1],
    application_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

/// The name of a method at the token endpoint.
const fn name_of(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::None => "none",
        AuthMethod::Basic => "client_secret_basic",
        AuthMethod::Post => "client_secret_post",
    }
}

impl Asked {
    /// Reads a registration.
    fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
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

    fn redirects(&self, application: Application, apps: Apps<'_>) -> Result<Vec<String>, Error> {
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

    fn method(&self) -> Result<AuthMethod, Error> {
        // RFC 7591 section 2: what is omitted is client_secret_basic.
        match self.token_endpoint_auth_method.as_deref() {
            None | Some("client_secret_basic") => Ok(AuthMethod::Basic),
            Some("client_secret_post") => Ok(AuthMethod::Post),
            Some("none") => Ok(AuthMethod::None),
            Some(_) => Err(Error::Metadata {
                field: "token_endpoint_auth_method",
            }),
        }
    }

    /// Of the grant types that this server has, those that are asked for.
    fn grant_types(&self) -> Result<Vec<String>, Error> {
        let code = [AUTHORIZATION_CODE.to_owned()];
        let asked = self.grant_types.as_deref().unwrap_or(&code);
        if !asked.iter().any(|kind| kind == AUTHORIZATION_CODE) {
            return Err(Error::Metadata {
                field: "grant_types",
            });
        }
        let known = [AUTHORIZATION_CODE, REFRESH_TOKEN].into_iter();
        Ok(known
            .filter(|known| asked.iter().any(|kind| kind == known))
            .map(str::to_owned)
            .collect())
    }

    /// Fields that a person might follow, and that this server never does.
    fn addresses(&self) -> Result<(), Error> {
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

    fn scope(&self, auth: &Auth) -> Option<String> {
        let asked = self.scope.as_deref()?;
        let offered = Scope::offered(auth.0.policy.access());
        Some(Scope::cut(Some(asked), offered).to_string())
    }
}

async fn register(
    State(auth): State<Auth>,
    source: Source,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    auth.may_register(source, &headers)?;
    let body = form::bytes(body, LONGEST).await?;
    let asked = Asked::parse(&headers, &body)?;
    let application = Application::of(asked.application_type.as_deref());
    let application = application.ok_or(Error::Metadata {
        field: "application_type",
    })?;
    let apps = Apps::Listed(&auth.0.config.authorization.redirect_schemes);
    let redirect_uris = asked.redirects(application, apps)?;
    asked.addresses()?;
    let responses = asked.response_types.as_deref();
    if responses.is_some_and(|types| !types.iter().any(|kind| kind == "code")) {
        return Err(Error::Metadata {
            field: "response_types",
        });
    }
    let method = asked.method()?;
    let grant_types = asked.grant_types()?;
    let scope = asked.scope(&auth);
    let name = short_name(asked.client_name.as_deref().unwrap_or_default());
    auth.make_room().await?;
    let secret = match method {
        AuthMethod::None => None,
        AuthMethod::Basic | AuthMethod::Post => Some(random::secret()?),
    };
    let now = auth.now();
    let client = Client {
        id: random::id()?,
        kind: ClientKind::Registered,
        name,
        auth_method: method,
        secret: secret.as_ref().map(|secret| Hash::of(secret.expose())),
        redirect_uris,
        application_type: application.as_str().to_owned(),
        grant_types,
        scope,
        created: now,
        last_used: None,
    };
    auth.0.store.put_client(&client).await?;
    tracing::info!(client = client.id, "a client registered itself");
    Ok(answer(&client, secret.as_ref()))
}

fn answer(client: &Client, secret: Option<&Secret>) -> Response {
    let registered = Registered {
        client_id: &client.id,
        client_id_issued_at: client.created / 1000,
        client_secret: secret.map(Secret::expose),
        client_secret_expires_at: secret.map(|_| 0),
        client_name: &client.name,
        redirect_uris: &client.redirect_uris,
        token_endpoint_auth_method: name_of(client.auth_method),
        grant_types: &client.grant_types,
        response_types: ["code"],
        application_type: &client.application_type,
        scope: client.scope.as_deref(),
    };
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    (StatusCode::CREATED, headers, Json(registered)).into_response()
}

impl Auth {
    /// The operator's token first: it costs nothing, and who has none counts for nothing.
    fn may_register(&self, source: Source, headers: &HeaderMap) -> Result<(), Error> {
        if let Some(token) = &self.0.config.authorization.registration_token {
            let sent = headers
                .get(AUTHORIZATION)
                .and_then(|sent| sent.to_str().ok());
            let sent = sent.and_then(|sent| sent.split_once(' '));
            let sent = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (_, sent) = sent.ok_or(Error::InitialToken)?;
            let is_same = Hash::of(sent).0.ct_eq(&Hash::of(token.expose()).0);
            if !bool::from(is_same) {
                return Err(Error::InitialToken);
            }
        }
        if !self.0.registrations.take(source, &self.0.clock) {
            let what = "registrations";
            return Err(Error::Rate { what });
        }
        Ok(())
    }

    /// Room for one more client: those that nobody uses must not keep others out.
    async fn make_room(&self) -> Result<(), Error> {
        let store = &self.0.store;
        if store.registered_clients().await? < CLIENTS {
            return Ok(());
        }
        let now = self.now();
        let gone = store
            .forget_unused_clients(now.saturating_sub(UNUSED), now)
            .await?;
        if gone == 0 {
            let what = "clients are registered";
            return Err(Error::Rate { what });
        }
        tracing::warn!(
            gone,
            "clients that nobody used were forgotten: too many register"
        );
        Ok(())
    }
}

/// No route at all while clients may not register themselves.
pub(in crate::auth) fn router(auth: &Auth) -> Router<Auth> {
    if auth.0.config.authorization.registration {
        Router::new().route("/register", post(register))
    } else {
        Router::new()
    }
}
