//! `/consent`: a person decides whether a client may act for them. This comes before any provider
//! hears of it, on every authorization: a client must not get anywhere on a login that somebody still
//! has.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use crate::auth::browser::authentication_request::Leg;
use crate::auth::browser::bound_form::BoundForm;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::return_link::target;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::client;
use crate::auth::host::host_of;
use crate::auth::provider::ProviderError;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::pending_authorization::Pending;
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

/// What is asked for, in the order of the page.
const fn rights(scope: Scope) -> &'static [Right] {
    match scope.tools {
        Scopes::Read => &[Right::Read],
        Scopes::Write => &[Right::Read, Right::Write],
    }
}

/// What the person leaves of `asked`.
fn left(asked: Scope, form: &Form) -> Result<Scope, Trouble> {
    match form.get(ACCESS) {
        None => Ok(asked),
        Some(READ_ONLY) => Ok(asked.read_only()),
        Some(_) => Err(Trouble::Choice),
    }
}

/// For how long the client acts, at most: also without asking for it most hold refresh tokens.
fn lasts(auth: &Auth, pending: &Pending) -> Duration {
    let settings = &auth.0.config.authorization;
    if pending.refreshes {
        settings.grant_ttl
    } else {
        settings.access_ttl.min(settings.grant_ttl)
    }
}

/// The form that decides it.
const fn form_of(pending: &Pending) -> BoundForm {
    BoundForm {
        page: "consent",
        owner: pending.id,
    }
}

async fn ask(auth: &Auth, visit: &Visit, query: &str) -> Result<Response, Trouble> {
    let query = Form::parse(query.as_bytes())?;
    let value = query.get("txn").ok_or(Trouble::Over)?;
    let pending = Pending::open(auth, value).await?;
    let rendering = form_of(&pending).render(auth, visit)?;
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
    let page = Consent {
        client: &pending.name,
        kestra: auth.0.config.kestra_name(&auth.0.public),
        standing: standing(pending.kind, &by),
        target: target(&pending.redirect_uri, &to),
        rights: rights(pending.scope()?),
        lasts: lasts(auth, &pending),
        account: &auth.0.public.account(),
        providers: &providers,
        transaction: value,
        form: rendering.value.expose(),
    };
    let answer = page.page().answer(StatusCode::OK, visit.https);
    Ok(with_cookie(answer, rendering.cookie))
}

pub(in crate::auth) async fn show(
    State(auth): State<Auth>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = ask(&auth, &visit, &query.unwrap_or_default()).await;
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Authorization, None))
}

async fn answered(auth: &Auth, visit: &Visit, form: &Form) -> Result<Response, Trouble> {
    visit.same_origin()?;
    let value = form.get("txn").ok_or(Trouble::Over)?;
    let mut pending = Pending::open(auth, value).await?;
    let provider = match (form.get("decision"), form.get("provider")) {
        (Some("deny"), None) => None,
        (None, Some(id)) => Some(auth.provider(id).ok_or(Trouble::Choice)?),
        _ => return Err(Trouble::Choice),
    };
    form_of(&pending).check(auth, &visit.jar, form.get("form"))?;
    let Some(provider) = provider else {
        let why = "the person said no";
        let error = Error::Denied { why };
        pending.spend(auth).await?;
        error.log();
        return see_other(&pending.reply(auth).error(&error));
    };
    let scope = left(pending.scope()?, form)?;
    pending.scopes = scope.to_string();
    visit.consented(auth)?;
    let client = pending.client(auth, visit.source).await?;
    let leg = match Leg::begin(auth, provider).await {
        Ok(leg) => leg,
        Err(fault) => {
            pending.spend(auth).await?;
            return down(auth, visit, &pending, fault);
        }
    };
    pending.spend(auth).await?;
    tracing::info!(client = client.id, %scope, "a person consented");
    let target = store::Target::Authorization(Box::new(pending.of(client)));
    leg.leave(auth, visit, target).await
}

/// The person said yes, and cannot sign in: their click was for something else, so a client that nobody
/// vouches for waits for another one.
fn down(
    auth: &Auth,
    visit: &Visit,
    pending: &Pending,
    fault: ProviderError,
) -> Result<Response, Trouble> {
    let (reply, error) = (pending.reply(auth), Error::of_provider(&fault));
    if client::is_vouched_for(pending.kind) {
        error.log();
        return see_other(&reply.error(&error));
    }
    let back = reply.back(&error);
    let trouble = Trouble::of_login(fault);
    Ok(trouble.answer(visit, Surface::Authorization, Some(&back)))
}

pub(in crate::auth) async fn decide(
    State(auth): State<Auth>,
    visit: Visit,
    form: Result<Form, Error>,
) -> Response {
    let answer = match form {
        Ok(form) => answered(&auth, &visit, &form).await,
        Err(error) => Err(error.into()),
    };
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Authorization, None))
}
