//! `/consent`: a person decides whether a client may act for them. This comes before any provider
//! hears of it, on every authorization: a client must not get anywhere on a login that somebody still
//! has.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use url::Url;

use super::error::Error;
use super::form::Form;
use super::form_token;
use super::leg::Leg;
use super::provider::ProviderError;
use super::reply::Reply;
use super::scope::Scope;
use super::see_other::{see_other, with_cookie};
use super::trouble::Trouble;
use super::visit::Visit;
use super::{Auth, redirect};
use crate::pages::Surface;
use crate::pages::consent::{Consent, Provider, Redirect, Right, Standing};
use crate::principal::Scopes;
use crate::store::{Client, ClientKind, Hash, Purpose, Target, Transaction};

/// The host of an address, with its port; in ASCII.
pub(super) fn host_of(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        let port = url.port();
        Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_default()
}

fn standing<'a>(client: &Client, host: &'a str) -> Standing<'a> {
    match client.kind {
        ClientKind::Configured => Standing::Operator,
        ClientKind::Metadata => Standing::Document { host },
        ClientKind::Registered => Standing::Unverified,
    }
}

fn place<'a>(uri: &'a str, host: &'a str) -> Redirect<'a> {
    let scheme = uri.split(':').next().unwrap_or_default();
    if redirect::is_loopback(uri) {
        Redirect::Loopback { host }
    } else if matches!(scheme, "http" | "https") {
        Redirect::Web { host }
    } else {
        Redirect::App { scheme }
    }
}

/// What is asked for, in the order of the page.
fn rights(scopes: &str) -> Vec<Right> {
    let scope = Scope::of(scopes);
    let writes = scope.is_some_and(|scope| scope.tools == Scopes::Write);
    let offline = scope.is_some_and(|scope| scope.offline);
    let write = writes.then_some(Right::Write);
    let offline = offline.then_some(Right::Offline);
    [Some(Right::Read), write, offline]
        .into_iter()
        .flatten()
        .collect()
}

/// The form of a transaction.
const fn form_of(transaction: &Transaction) -> form_token::Form {
    form_token::Form {
        purpose: Purpose::Consent,
        owner: transaction.id,
    }
}

/// The transaction that waits under `value`.
async fn waiting(auth: &Auth, value: &str) -> Result<Transaction, Trouble> {
    let found = auth.0.store.transaction(Hash::of(value), auth.now());
    found.await?.ok_or(Trouble::Over)
}

async fn ask(auth: &Auth, visit: &Visit, query: &str) -> Result<Response, Trouble> {
    let query = Form::parse(query.as_bytes())?;
    let value = query.get("txn").ok_or(Trouble::Over)?;
    let transaction = waiting(auth, value).await?;
    let rendering = form_of(&transaction).render(auth, visit).await?;
    let client = &transaction.client;
    let (by, to) = (host_of(&client.id), host_of(&transaction.redirect_uri));
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
        client: &client.name,
        standing: standing(client, &by),
        redirect: place(&transaction.redirect_uri, &to),
        rights: &rights(&transaction.scopes),
        providers: &providers,
        transaction: value,
        form: rendering.value.expose(),
    };
    let answer = page.page().answer(StatusCode::OK, visit.https);
    Ok(with_cookie(answer, rendering.cookie))
}

pub(super) async fn show(
    State(auth): State<Auth>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = ask(&auth, &visit, &query.unwrap_or_default()).await;
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Authorization, None))
}

/// What an OAuth client hears of a login that does not work.
pub(super) fn told(fault: &ProviderError) -> Error {
    match fault {
        ProviderError::Down { retry_after } => Error::Down {
            what: "the identity provider",
            retry_after: u32::try_from(*retry_after).ok(),
        },
        ProviderError::Ended
        | ProviderError::OtherPerson
        | ProviderError::Requirement { .. }
        | ProviderError::Overage { .. } => Error::Denied {
            why: "the identity provider does not vouch for the person",
        },
        ProviderError::Refused { .. } => Error::Provider,
        ProviderError::Wrong { .. } | ProviderError::MixUp | ProviderError::Chance => {
            Error::Broken {
                what: "the login at the identity provider",
            }
        }
    }
}

/// Spends the transaction and tells its client.
async fn end(auth: &Auth, transaction: &Transaction, error: &Error) -> Result<Response, Trouble> {
    let spent = auth.0.store.spend_transaction(transaction.id, auth.now());
    let transaction = spent.await?.ok_or(Trouble::Over)?;
    error.log();
    see_other(&Reply::to(&auth.0.public.issuer, &transaction).error(error))
}

async fn answered(auth: &Auth, visit: &Visit, form: &Form) -> Result<Response, Trouble> {
    visit.same_origin()?;
    let value = form.get("txn").ok_or(Trouble::Over)?;
    let transaction = waiting(auth, value).await?;
    let provider = match (form.get("decision"), form.get("provider")) {
        (Some("deny"), None) => None,
        (None, Some(id)) => Some(auth.provider(id).ok_or(Trouble::Choice)?),
        _ => return Err(Trouble::Choice),
    };
    let token = form_of(&transaction);
    token.spend(auth, &visit.jar, form.get("form")).await?;
    let Some(provider) = provider else {
        let why = "the person said no";
        return end(auth, &transaction, &Error::Denied { why }).await;
    };
    let leg = match Leg::begin(auth, provider).await {
        Ok(leg) => leg,
        Err(fault) => return end(auth, &transaction, &told(&fault)).await,
    };
    let spent = auth.0.store.spend_transaction(transaction.id, auth.now());
    let transaction = spent.await?.ok_or(Trouble::Over)?;
    tracing::info!(client = transaction.client.id, "a person consented");
    let target = Target::Authorization(Box::new(transaction));
    leg.leave(auth, visit, target).await
}

pub(super) async fn decide(
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
