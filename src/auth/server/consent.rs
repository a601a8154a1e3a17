//! `/consent`: a person decides whether a client may act for them. Every authorization asks, before
//! any provider is involved, so that a client cannot profit from a login that is still active
//! there.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use crate::auth::browser::authentication_request::AuthenticationRequest;
use crate::auth::browser::bound_form::BoundForm;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::return_link::target;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::client;
use crate::auth::host::host_of;
use crate::auth::provider::ProviderError;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::pending_authorization::PendingAuthorization;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::pages::consent::{ACCESS, Consent, Provider, READ_ONLY, Right, Standing};
use crate::principal::Scopes;
use crate::store::{self, ClientKind};

fn standing(kind: ClientKind, host: &str) -> Standing<'_> {
    match kind {
        ClientKind::Configured => Standing::Operator,
        ClientKind::Metadata => Standing::Document { host },
        ClientKind::Registered => Standing::Unverified,
    }
}

/// What is requested, in the order of the page.
const fn rights(scope: Scope) -> &'static [Right] {
    match scope.tools {
        Scopes::Read => &[Right::Read],
        Scopes::Write => &[Right::Read, Right::Write],
    }
}

/// The scope that the person chose, out of `requested`.
fn chosen_scope(requested: Scope, form: &Form) -> Result<Scope, PageError> {
    match form.get(ACCESS) {
        None => Ok(requested),
        Some(READ_ONLY) => Ok(requested.read_only()),
        Some(_) => Err(PageError::UnknownChoice),
    }
}

/// How long the client may act at most. Most clients get refresh tokens without asking for
/// `offline_access`.
fn longest_access(auth: &Auth, pending: &PendingAuthorization) -> Duration {
    let settings = &auth.0.config.authorization;
    if pending.refreshes {
        settings.grant_ttl
    } else {
        settings.access_ttl.min(settings.grant_ttl)
    }
}

/// The form with the decision.
const fn form_of(pending: &PendingAuthorization) -> BoundForm {
    BoundForm {
        page: "consent",
        owner: pending.id,
    }
}

async fn page(auth: &Auth, browser: &BrowserRequest, query: &str) -> Result<Response, PageError> {
    let query = Form::parse(query.as_bytes())?;
    let value = query.get("txn").ok_or(PageError::RequestExpired)?;
    let pending = PendingAuthorization::open(auth, value).await?;
    let rendering = form_of(&pending).render(auth, browser)?;
    let (by, to) = (host_of(&pending.client_id), host_of(&pending.redirect_uri));
    let hosts: Vec<(&str, String)> = auth
        .0
        .providers
        .iter()
        .map(|provider| (&*provider.config().id, host_of(&provider.config().issuer)))
        .collect();
    let providers: Vec<Provider<'_>> = hosts
        .iter()
        .map(|(id, host)| Provider { id, host })
        .collect();
    let consent = Consent {
        client: &pending.name,
        kestra: auth.0.config.kestra_name(&auth.0.public),
        standing: standing(pending.kind, &by),
        target: target(&pending.redirect_uri, &to),
        rights: rights(pending.scope()?),
        lasts: longest_access(auth, &pending),
        account: &auth.0.public.account(),
        providers: &providers,
        transaction: value,
        form: rendering.value.expose(),
    };
    let answer = consent.page().answer(StatusCode::OK, browser.https);
    Ok(with_cookie(answer, rendering.cookie))
}

pub(in crate::auth) async fn show(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = page(&auth, &browser, &query.unwrap_or_default()).await;
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Authorization, None))
}

async fn decided(
    auth: &Auth,
    browser: &BrowserRequest,
    form: &Form,
) -> Result<Response, PageError> {
    browser.same_origin()?;
    let value = form.get("txn").ok_or(PageError::RequestExpired)?;
    let mut pending = PendingAuthorization::open(auth, value).await?;
    let provider = match (form.get("decision"), form.get("provider")) {
        (Some("deny"), None) => None,
        (None, Some(id)) => Some(auth.provider(id).ok_or(PageError::UnknownChoice)?),
        _ => return Err(PageError::UnknownChoice),
    };
    form_of(&pending).check(auth, &browser.jar, form.get("form"))?;
    let Some(provider) = provider else {
        let why = "the person said no";
        let error = Error::Denied { why };
        pending.spend(auth).await?;
        error.log();
        return see_other(&pending.response(auth).error(&error));
    };
    let scope = chosen_scope(pending.scope()?, form)?;
    pending.scopes = scope.to_string();
    browser.count_consent(auth)?;
    let client = pending.client(auth, browser.source).await?;
    let request = match AuthenticationRequest::begin(auth, provider).await {
        Ok(request) => request,
        Err(fault) => {
            pending.spend(auth).await?;
            return sign_in_unavailable(auth, browser, &pending, fault);
        }
    };
    pending.spend(auth).await?;
    tracing::info!(client = client.id, %scope, "a person consented");
    let target = store::Target::Authorization(Box::new(pending.into_transaction(client)));
    request.send(auth, browser, target).await
}

/// The person consented but cannot sign in. They did not click to be redirected with an error, so a
/// client that the operator does not vouch for needs another click.
fn sign_in_unavailable(
    auth: &Auth,
    browser: &BrowserRequest,
    pending: &PendingAuthorization,
    fault: ProviderError,
) -> Result<Response, PageError> {
    let (response, error) = (pending.response(auth), Error::of_provider(&fault));
    if client::is_vouched_for(pending.kind) {
        error.log();
        return see_other(&response.error(&error));
    }
    let back = response.return_link(&error);
    let page_error = PageError::of_login(fault);
    Ok(page_error.answer(browser, Surface::Authorization, Some(&back)))
}

pub(in crate::auth) async fn decide(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    form: Result<Form, Error>,
) -> Response {
    let answer = match form {
        Ok(form) => decided(&auth, &browser, &form).await,
        Err(error) => Err(error.into()),
    };
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Authorization, None))
}
