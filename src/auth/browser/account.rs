//! `/account`: what a person keeps here, and takes away.

mod owner;
mod page;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use crate::auth::browser::credential_form;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::secret_in_url;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::browser::sign_in;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::auth::vault::NotKept;
use crate::config::http::CredentialMode;
use crate::pages::account::Problem;
use crate::pages::login::Why;
use crate::pages::{Surface, done};
use crate::store::{Hash, Reason, User};
use owner::Owner;
use page::{Fault, page};

async fn view(auth: &Auth, visit: &Visit, query: &str) -> Result<Response, Trouble> {
    let query = Form::parse(query.as_bytes())?;
    let ticket = query.get("t");
    if let Some((login, user)) = sign_in::signed_in(auth, visit).await? {
        if let Some(ticket) = ticket {
            sign_in::follow(auth, &user, Some(Hash::of(ticket))).await?;
            return see_other("/account");
        }
        if query.get("saved").is_some() && auth.0.vault.kept(&user).await?.is_some() {
            return Ok(done::saved().answer(StatusCode::OK, visit.https));
        }
        return page(auth, visit, &Owner { login, user }, None).await;
    }
    let named = query.get("provider");
    let named = named.map(|id| auth.provider(id).ok_or(Trouble::Choice));
    sign_in::ask(auth, visit, Why::Choice, named.transpose()?, ticket)
}

pub(in crate::auth) async fn show(
    State(auth): State<Auth>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(refused) = secret_in_url::with_secret(&visit, query.as_deref()) {
        return refused;
    }
    let answer = view(&auth, &visit, &query.unwrap_or_default()).await;
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Own, None))
}

/// What a person reads of a credential that is not kept.
fn told(fault: NotKept) -> Result<(StatusCode, Problem), Trouble> {
    let Some(words) = fault.words() else {
        return Err(match fault {
            NotKept::Store(fault) => fault.into(),
            NotKept::Seal(fault) => fault.into(),
            _ => Trouble::Broken {
                what: "keeping a credential",
            },
        });
    };
    let status = match (&fault, words.later) {
        (NotKept::TooOften, _) => StatusCode::TOO_MANY_REQUESTS,
        (_, true) => StatusCode::SERVICE_UNAVAILABLE,
        (_, false) => StatusCode::BAD_REQUEST,
    };
    Ok((status, words.problem))
}

async fn save(auth: &Auth, visit: &Visit, owner: &Owner, form: &Form) -> Result<Response, Trouble> {
    if auth.0.config.credentials.mode == CredentialMode::Shared {
        return Err(Trouble::Choice);
    }
    let (status, problem) = match credential_form::credential(form) {
        Ok(credential) => match auth.0.vault.keep(&owner.user, &credential).await {
            Ok(()) => return see_other("/account?saved=1"),
            Err(fault) => {
                tracing::info!(user = owner.user.id, %fault, "a credential was not saved");
                told(fault)?
            }
        },
        Err(problem) => (StatusCode::BAD_REQUEST, problem),
    };
    let kind = credential_form::kind(form);
    let fault = Fault {
        status,
        problem,
        kind,
    };
    page(auth, visit, owner, Some(fault)).await
}

/// Ends one grant of the person.
async fn disconnect(auth: &Auth, user: &User, grant: Option<&str>) -> Result<Response, Trouble> {
    let now = auth.now();
    let grants = auth.0.store.grants_of(&user.id, now).await?;
    let found = grants.iter().find(|found| Some(&*found.id) == grant);
    let grant = found.ok_or(Trouble::NoGrant)?;
    let store = &auth.0.store;
    store.revoke_grant(&grant.id, Reason::Person, now).await?;
    auth.forget_checks();
    tracing::info!(
        user = user.id,
        grant = grant.id,
        "a person disconnected a client"
    );
    see_other("/account")
}

/// Ends the sign-in in this browser, or everything that the person has allowed anywhere.
async fn sign_out(
    auth: &Auth,
    visit: &Visit,
    owner: &Owner,
    everywhere: bool,
) -> Result<Response, Trouble> {
    let (store, user) = (&auth.0.store, &owner.user.id);
    let why = if everywhere {
        let ended = store.revoke_user(user, Reason::Person, auth.now()).await?;
        auth.forget_checks();
        tracing::info!(user, ended, "a person signed out everywhere");
        Why::OutEverywhere
    } else {
        store.end_login(owner.login.id).await?;
        Why::Out
    };
    let answer = sign_in::ask(auth, visit, why, None, None)?;
    Ok(with_cookie(answer, visit.jar.signed_out()))
}

async fn answered(auth: &Auth, visit: &Visit, form: &Form) -> Result<Response, Trouble> {
    visit.same_origin()?;
    if form.get("action") == Some("sign_in") {
        return sign_in::begin(auth, visit, form).await;
    }
    let Some((login, user)) = sign_in::signed_in(auth, visit).await? else {
        return sign_in::ask(auth, visit, Why::Over, None, None);
    };
    let owner = Owner { login, user };
    let token = owner.form();
    token.spend(auth, &visit.jar, form.get("form")).await?;
    match form.get("action") {
        Some("save") => save(auth, visit, &owner, form).await,
        Some("remove") => {
            auth.0.vault.remove(&owner.user).await?;
            see_other("/account")
        }
        Some("disconnect") => disconnect(auth, &owner.user, form.get("grant")).await,
        Some("sign_out") => sign_out(auth, visit, &owner, false).await,
        Some("sign_out_everywhere") => sign_out(auth, visit, &owner, true).await,
        _ => Err(Trouble::Choice),
    }
}

pub(in crate::auth) async fn act(
    State(auth): State<Auth>,
    visit: Visit,
    RawQuery(query): RawQuery,
    form: Result<Form, Error>,
) -> Response {
    if let Some(refused) = secret_in_url::with_secret(&visit, query.as_deref()) {
        return refused;
    }
    let answer = match form {
        Ok(form) => answered(&auth, &visit, &form).await,
        Err(error) => Err(error.into()),
    };
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Own, None))
}
