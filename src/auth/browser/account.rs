//! `/account`: what a person has stored and allowed, and how they remove it.

mod page;
mod signed_in;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use crate::auth::browser::credential_form;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::secret_in_url;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::browser::sign_in;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::auth::vault::NotStored;
use crate::config::http::CredentialMode;
use crate::pages::account::Problem;
use crate::pages::login::Why;
use crate::pages::{Surface, done};
use crate::store::{Hash, Reason, User};
use page::{Unsaved, page};
use signed_in::SignedIn;

async fn view(auth: &Auth, browser: &BrowserRequest, query: &str) -> Result<Response, PageError> {
    let query = Form::parse(query.as_bytes())?;
    let ticket = query.get("t");
    if let Some((login, user)) = sign_in::signed_in(auth, browser).await? {
        if let Some(ticket) = ticket {
            sign_in::follow(auth, &user, Some(Hash::of(ticket))).await?;
            return see_other("/account");
        }
        if query.get("saved").is_some() && auth.0.vault.stored(&user).await?.is_some() {
            return Ok(done::saved().answer(StatusCode::OK, browser.https));
        }
        return page(auth, browser, &SignedIn { login, user }, None).await;
    }
    let named = query.get("provider");
    let named = named.map(|id| auth.provider(id).ok_or(PageError::UnknownChoice));
    sign_in::page(auth, browser, Why::Choice, named.transpose()?, ticket)
}

pub(in crate::auth) async fn show(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(refused) = secret_in_url::with_secret(&browser, query.as_deref()) {
        return refused;
    }
    let answer = view(&auth, &browser, &query.unwrap_or_default()).await;
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Own, None))
}

/// What the person reads about a credential that was not stored.
fn problem_of(fault: NotStored) -> Result<(StatusCode, Problem), PageError> {
    let Some(words) = fault.words() else {
        return Err(match fault {
            NotStored::Store(fault) => fault.into(),
            NotStored::Seal(fault) => fault.into(),
            _ => PageError::Internal {
                what: "storing a credential",
            },
        });
    };
    let status = match (&fault, words.later) {
        (NotStored::TooOften, _) => StatusCode::TOO_MANY_REQUESTS,
        (_, true) => StatusCode::SERVICE_UNAVAILABLE,
        (_, false) => StatusCode::BAD_REQUEST,
    };
    Ok((status, words.problem))
}

async fn save(
    auth: &Auth,
    browser: &BrowserRequest,
    owner: &SignedIn,
    form: &Form,
) -> Result<Response, PageError> {
    if auth.0.config.credentials.mode == CredentialMode::Shared {
        return Err(PageError::UnknownChoice);
    }
    let (status, problem) = match credential_form::credential(form) {
        Ok(credential) => match auth.0.vault.save(&owner.user, &credential).await {
            Ok(()) => return see_other("/account?saved=1"),
            Err(fault) => {
                tracing::info!(user = owner.user.id, %fault, "a credential was not saved");
                problem_of(fault)?
            }
        },
        Err(problem) => (StatusCode::BAD_REQUEST, problem),
    };
    let kind = credential_form::kind(form);
    let fault = Unsaved {
        status,
        problem,
        kind,
    };
    page(auth, browser, owner, Some(fault)).await
}

/// Ends one grant of the person.
async fn disconnect(auth: &Auth, user: &User, grant: Option<&str>) -> Result<Response, PageError> {
    let now = auth.now();
    let grants = auth.0.store.grants_of(&user.id, now).await?;
    let found = grants.iter().find(|found| Some(&*found.id) == grant);
    let grant = found.ok_or(PageError::NoGrant)?;
    let store = &auth.0.store;
    store.revoke_grant(&grant.id, Reason::Person, now).await?;
    auth.forget_cached_tokens();
    tracing::info!(
        user = user.id,
        grant = grant.id,
        "a person disconnected a client"
    );
    see_other("/account")
}

/// Ends the sign-in in this browser, or every grant and sign-in of the person.
async fn sign_out(
    auth: &Auth,
    browser: &BrowserRequest,
    owner: &SignedIn,
    everywhere: bool,
) -> Result<Response, PageError> {
    let (store, user) = (&auth.0.store, &owner.user.id);
    let why = if everywhere {
        let ended = store.revoke_user(user, Reason::Person, auth.now()).await?;
        auth.forget_cached_tokens();
        tracing::info!(user, ended, "a person signed out everywhere");
        Why::OutEverywhere
    } else {
        store.end_login(owner.login.id).await?;
        Why::Out
    };
    let answer = sign_in::page(auth, browser, why, None, None)?;
    Ok(with_cookie(answer, browser.jar.signed_out()))
}

async fn submitted(
    auth: &Auth,
    browser: &BrowserRequest,
    form: &Form,
) -> Result<Response, PageError> {
    browser.same_origin()?;
    if form.get("action") == Some("sign_in") {
        return sign_in::begin(auth, browser, form).await;
    }
    let Some((login, user)) = sign_in::signed_in(auth, browser).await? else {
        return sign_in::page(auth, browser, Why::Over, None, None);
    };
    let owner = SignedIn { login, user };
    let token = owner.form();
    token.spend(auth, &browser.jar, form.get("form")).await?;
    match form.get("action") {
        Some("save") => save(auth, browser, &owner, form).await,
        Some("remove") => {
            auth.0.vault.remove(&owner.user).await?;
            see_other("/account")
        }
        Some("disconnect") => disconnect(auth, &owner.user, form.get("grant")).await,
        Some("sign_out") => sign_out(auth, browser, &owner, false).await,
        Some("sign_out_everywhere") => sign_out(auth, browser, &owner, true).await,
        _ => Err(PageError::UnknownChoice),
    }
}

pub(in crate::auth) async fn submit(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    RawQuery(query): RawQuery,
    form: Result<Form, Error>,
) -> Response {
    if let Some(refused) = secret_in_url::with_secret(&browser, query.as_deref()) {
        return refused;
    }
    let answer = match form {
        Ok(form) => submitted(&auth, &browser, &form).await,
        Err(error) => Err(error.into()),
    };
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Own, None))
}
