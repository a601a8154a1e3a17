//! The callback: the browser returns from an identity provider.

mod login;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::Uri;

use crate::auth::browser::page_error::PageError;
use crate::auth::browser::person::admit;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::see_other::see_other;
use crate::auth::browser::sign_in;
use crate::auth::client;
use crate::auth::provider::{Login, Provider};
use crate::auth::random;
use crate::auth::server::authorization_response::AuthorizationResponse;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::store::{ClientKind, Code, Column, Grant, Hash, Ms, Target, Transaction};
use login::{login, spend_state};

/// Milliseconds until an authorization code expires.
const CODE: Ms = 60_000;

/// Stores a grant for the client of `transaction`; returns the redirect URI with its code.
async fn grant(
    auth: &Auth,
    provider: &Provider,
    transaction: &Transaction,
    login: Login,
) -> Result<String, PageError> {
    let user = admit(auth, provider, &login).await?;
    let (id, code, now) = (random::id()?, random::secret()?, auth.now());
    let settings = &auth.0.config.authorization;
    let life = match &login.refresh_token {
        Some(_) => settings.grant_ttl,
        None => settings.grant_ttl_without_recheck,
    };
    let bound = [&*user.issuer, &*user.subject];
    let place = Column::IDP_REFRESH.of(&id, &bound);
    let sealed = login
        .refresh_token
        .map(|token| auth.0.ring.seal(&place, token.expose().as_bytes()));
    let client = &transaction.client;
    let grant = Grant {
        user_id: user.id,
        client_id: client.id.clone(),
        client_name: client.name.clone(),
        provider: provider.config().id.clone(),
        scopes: transaction.scopes.clone(),
        // A resource has one name in a grant, whichever name it was requested by.
        resource: resource_indicator::canonical(&auth.0.public, Some(&transaction.resource))
            .unwrap_or_else(|_| transaction.resource.clone()),
        roles: login.roles,
        checked_at: now,
        idp_refresh: sealed.transpose()?,
        created: now,
        expires: now.saturating_add(Ms::try_from(life.as_millis()).unwrap_or(Ms::MAX)),
        revoked_at: None,
        last_used: None,
        id,
    };
    let stored_code = Code {
        code: Hash::of(code.expose()),
        grant_id: grant.id.clone(),
        client_id: grant.client_id.clone(),
        redirect_uri: transaction.redirect_uri.clone(),
        challenge: transaction.challenge.clone(),
        resource: grant.resource.clone(),
        expires: now + CODE,
    };
    if client.kind == ClientKind::Metadata {
        // Kept so that the token endpoint knows the client while the server of its document is
        // down.
        auth.store_document_client(client).await?;
    }
    auth.0.store.put_grant(&grant, &stored_code).await?;
    let (user, client, grant) = (grant.user_id, grant.client_id, grant.id);
    tracing::info!(user, client, grant, "a person gave a client access");
    Ok(AuthorizationResponse::to(auth, transaction).code(&code))
}

/// Answers the client of `transaction`, or shows the person a page first: if only the person can
/// act on the error, or if the operator does not vouch for the client.
fn respond(
    auth: &Auth,
    browser: &BrowserRequest,
    transaction: &Transaction,
    ended: Result<String, PageError>,
) -> Result<Response, PageError> {
    let response = AuthorizationResponse::to(auth, transaction);
    let page_error = match ended {
        Ok(address) => return see_other(&address),
        Err(page_error) => page_error,
    };
    let (error, is_for_client) = match &page_error {
        PageError::Refused => {
            let why = "nobody logged in at the identity provider";
            (Error::Denied { why }, true)
        }
        PageError::Provider(fault) => (Error::of_provider(fault), true),
        PageError::MixUp => {
            let what = "the login at the identity provider";
            (Error::Internal { what }, false)
        }
        PageError::Requirement
        | PageError::Overage
        | PageError::NoRole { .. }
        | PageError::Disabled => {
            let why = "the person is not allowed in";
            (Error::Denied { why }, false)
        }
        _ => (Error::Internal { what: "a login" }, false),
    };
    // A provider caused this redirect, not a click: see [`AuthorizationResponse::refuse`].
    if is_for_client && client::is_vouched_for(transaction.client.kind) {
        error.log();
        return see_other(&response.error(&error));
    }
    let back = response.return_link(&error);
    Ok(page_error.answer(browser, Surface::Authorization, Some(&back)))
}

async fn finish(
    auth: &Auth,
    browser: &BrowserRequest,
    path: &str,
    query: &str,
) -> Result<Response, PageError> {
    let provider = auth.provider_at(path).ok_or(PageError::NoProvider)?;
    let query = Form::parse(query.as_bytes()).map_err(|_| PageError::LoginExpired)?;
    let mut upstream = spend_state(auth, browser, provider, &query).await?;
    let target = std::mem::replace(&mut upstream.target, Target::Account { ticket: None });
    let login = login(auth, provider, &query, &upstream).await;
    match target {
        Target::Authorization(transaction) => {
            let ended = match login {
                Ok(login) => grant(auth, provider, &transaction, login).await,
                Err(page_error) => Err(page_error),
            };
            respond(auth, browser, &transaction, ended)
        }
        Target::Account { ticket } => {
            let signed_in = match login {
                Ok(login) => sign_in::finish(auth, browser, provider, &login, ticket).await,
                Err(page_error) => Err(page_error),
            };
            Ok(signed_in
                .unwrap_or_else(|page_error| page_error.answer(browser, Surface::Own, None)))
        }
    }
}

pub(in crate::auth) async fn receive(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let answer = finish(&auth, &browser, uri.path(), &query).await;
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Authorization, None))
}
