//! `POST /register`: dynamic client registration (RFC 7591).

mod answer;
mod request;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{Router, post};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use crate::auth::client::redirect::{Application, Apps};
use crate::auth::client::short_name;
use crate::auth::limit::Source;
use crate::auth::random;
use crate::auth::server::error::Error;
use crate::auth::server::form;
use crate::auth::state::Auth;
use crate::store::{AuthMethod, Client, ClientKind, Hash, Ms};
use answer::answer;
use request::ClientMetadata;

/// Bytes of a registration.
const LONGEST: usize = 16 * 1024;
/// Clients that may be registered at once. Unused ones are deleted in time.
const CLIENTS: u64 = 10_000;
/// Milliseconds after which an unused client makes room for another while there are that many:
/// longer than the ten minutes for consent and the ten for sign-in.
const UNUSED: Ms = 25 * 60_000;
/// Registrations that one IP address may make in a minute.
pub(in crate::auth) const PER_MINUTE: u32 = 20;

async fn register(
    State(auth): State<Auth>,
    source: Source,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    auth.may_register(source, &headers)?;
    let body = form::bytes(body, LONGEST).await?;
    let metadata = ClientMetadata::parse(&headers, &body)?;
    let application = Application::of(metadata.application_type.as_deref());
    let application = application.ok_or(Error::Metadata {
        field: "application_type",
    })?;
    let apps = Apps::Listed(&auth.0.config.authorization.redirect_schemes);
    let redirect_uris = metadata.redirects(application, apps)?;
    metadata.addresses()?;
    let responses = metadata.response_types.as_deref();
    if responses.is_some_and(|types| !types.iter().any(|kind| kind == "code")) {
        return Err(Error::Metadata {
            field: "response_types",
        });
    }
    let method = metadata.method()?;
    let grant_types = metadata.grant_types()?;
    let scope = metadata.scope(&auth);
    let name = short_name(metadata.client_name.as_deref().unwrap_or_default());
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

impl Auth {
    /// The operator's token is checked first: that is cheap, and requests without it do not count.
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

    /// Makes room for one more client: unused ones must not keep others out.
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
            let what = "registered clients";
            return Err(Error::Rate { what });
        }
        tracing::warn!(
            gone,
            "unused clients were deleted: too many clients register"
        );
        Ok(())
    }
}

/// There is no route while registration is off.
pub(in crate::auth) fn router(auth: &Auth) -> Router<Auth> {
    if auth.0.config.authorization.registration {
        Router::new().route("/register", post(register))
    } else {
        Router::new()
    }
}
