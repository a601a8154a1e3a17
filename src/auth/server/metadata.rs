//! The metadata that clients discover this server by (RFC 9728, RFC 8414, OpenID Connect
//! Discovery).
//!
//! URLs come from the configuration, never from a request. The one exception: without a public URL,
//! a server on loopback answers in the loopback name it was asked by.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, HOST};
use serde::Serialize;

use crate::auth::server::scope::{OFFLINE, Scope};
use crate::auth::server::signing::PUBLISHED_BEFORE;
use crate::auth::state::Auth;
use crate::config::http::Public;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/.well-known/jwks.json";
const METHODS: &[&str] = &["none", "client_secret_basic", "client_secret_post"];

/// The URL of the resource's metadata. It is below the path of the public URL, so whoever reaches
/// the resource reaches it, whatever else a proxy forwards (RFC 9728 section 5.1).
pub fn of_resource(public: &Public) -> String {
    format!("{}{RESOURCE}/mcp", public.issuer)
}

/// This server, by the host name of a request.
pub fn named(public: &Public, headers: &HeaderMap) -> Public {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    public.called(host)
}

/// RFC 9728 section 2.
#[derive(Serialize)]
struct ProtectedResource<'a> {
    resource: String,
    authorization_servers: [&'a str; 1],
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'a str; 1],
    resource_name: &'a str,
}

/// RFC 8414 section 2.
#[derive(Serialize)]
struct Server<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'a str; 1],
    response_modes_supported: [&'a str; 1],
    grant_types_supported: [&'a str; 2],
    token_endpoint_auth_methods_supported: &'a [&'a str],
    revocation_endpoint_auth_methods_supported: &'a [&'a str],
    code_challenge_methods_supported: [&'a str; 1],
    authorization_response_iss_parameter_supported: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    client_id_metadata_document_supported: bool,
    protected_resources: [String; 1],
}

/// What OpenID Connect Discovery requires in addition, for clients that look nowhere else. No ID
/// token is ever issued.
#[derive(Serialize)]
struct OpenId<'a> {
    #[serde(flatten)]
    server: Server<'a>,
    subject_types_supported: [&'a str; 1],
    id_token_signing_alg_values_supported: [&'a str; 1],
}

impl Auth {
    fn resource_metadata<'a>(&self, public: &'a Public) -> ProtectedResource<'a> {
        let scopes = Scope::offered(self.0.policy.access());
        ProtectedResource {
            resource: public.resource(),
            authorization_servers: [&public.issuer],
            scopes_supported: scopes.words().collect(),
            bearer_methods_supported: ["header"],
            resource_name: "Kestra",
        }
    }

    fn server_metadata<'a>(&self, public: &'a Public) -> Server<'a> {
        let issuer = &public.issuer;
        let at = |path: &str| format!("{issuer}{path}");
        let settings = &self.0.config.authorization;
        let scopes = Scope::offered(self.0.policy.access());
        Server {
            issuer,
            authorization_endpoint: at("/authorize"),
            token_endpoint: at("/token"),
            revocation_endpoint: at("/revoke"),
            jwks_uri: at(KEYS),
            registration_endpoint: settings.registration.then(|| at("/register")),
            scopes_supported: scopes.words().chain([OFFLINE]).collect(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token"],
            token_endpoint_auth_methods_supported: METHODS,
            revocation_endpoint_auth_methods_supported: METHODS,
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: self.announces_documents(),
            protected_resources: [public.resource()],
        }
    }
}

/// A JSON response that may be cached for as long as a new key waits before it signs.
fn document<T: Serialize>(document: T) -> Response {
    let age = format!("public, max-age={}", PUBLISHED_BEFORE / 1000);
    ([(CACHE_CONTROL, age)], Json(document)).into_response()
}

async fn resource(State(auth): State<Auth>, headers: HeaderMap) -> Response {
    document(auth.resource_metadata(&named(&auth.0.public, &headers)))
}

async fn server(State(auth): State<Auth>, headers: HeaderMap) -> Response {
    document(auth.server_metadata(&named(&auth.0.public, &headers)))
}

async fn openid(State(auth): State<Auth>, headers: HeaderMap) -> Response {
    document(OpenId {
        server: auth.server_metadata(&named(&auth.0.public, &headers)),
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["EdDSA"],
    })
}

async fn keys(State(auth): State<Auth>) -> Response {
    document(auth.0.signing.key_set().await)
}

/// Each document at its well-known path, and with the path of the public URL appended, which is
/// where clients look for it on the host (RFC 8414 section 3.1, RFC 9728 section 3.1).
pub(in crate::auth) fn router(auth: &Auth) -> Router<Auth> {
    let path = auth.0.public.path();
    let mut router = Router::new().route(KEYS, get(keys));
    let paths = if path.is_empty() {
        vec![""]
    } else {
        vec!["", path]
    };
    for path in paths {
        router = router
            .route(&format!("{RESOURCE}{path}"), get(resource))
            .route(&format!("{RESOURCE}{path}/mcp"), get(resource))
            .route(&format!("{RESOURCE}{path}/mcp/"), get(resource))
            .route(&format!("{SERVER}{path}"), get(server))
            .route(&format!("{OPENID}{path}"), get(openid));
    }
    router
}
