//! Sign-ins on our own pages. They give no client access, and no access token opens a page.

use axum::response::Response;
use http::StatusCode;

use crate::auth::browser::authentication_request::AuthenticationRequest;
use crate::auth::browser::bound_form::BoundForm;
use crate::auth::browser::cookie::SIGN_IN_TTL;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::person::admit;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::host::host_of;
use crate::auth::provider::{Login, Provider};
use crate::auth::random;
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::pages::login::{Login as Question, ProviderChoice, Why};
use crate::store::{Hash, Target, User, WebLogin};

/// The person whose sign-in cookie `browser` sent, if any.
pub(in crate::auth) async fn signed_in(
    auth: &Auth,
    browser: &BrowserRequest,
) -> Result<Option<(WebLogin, User)>, PageError> {
    let Some(id) = browser.jar.login() else {
        return Ok(None);
    };
    match auth.0.store.login(id, auth.now()).await? {
        Some((_, user)) if user.disabled_at.is_some() => Err(PageError::Disabled),
        found => Ok(found),
    }
}

/// The form that leads to a provider. It is bound to the browser alone, since nobody is signed in
/// yet, and to the link that led here, so that it cannot be used with another link.
fn form(ticket: Option<&str>) -> BoundForm {
    BoundForm {
        page: "sign_in",
        owner: Hash::of(ticket.unwrap_or_default()),
    }
}

/// The page that asks where to sign in: at every provider, or at the one that a link names.
pub(in crate::auth) fn page(
    auth: &Auth,
    browser: &BrowserRequest,
    why: Why,
    named: Option<&Provider>,
    ticket: Option<&str>,
) -> Result<Response, PageError> {
    let status = match why {
        Why::Choice | Why::Out | Why::OutEverywhere => StatusCode::OK,
        Why::Over => StatusCode::FORBIDDEN,
    };
    let providers = match named {
        Some(provider) => std::slice::from_ref(provider),
        None => &auth.0.providers,
    };
    let choices: Vec<ProviderChoice<'_>> = providers
        .iter()
        .map(|provider| ProviderChoice {
            id: &provider.config().id,
            host: host_of(&provider.config().issuer),
        })
        .collect();
    let rendering = form(ticket).render(auth, browser)?;
    let question = Question {
        why,
        providers: &choices,
        ticket,
        form: rendering.value.expose(),
    };
    let answer = question.page().answer(status, browser.https);
    Ok(with_cookie(answer, rendering.cookie))
}

/// Redirects the browser to the provider that the person chose. With a ticket, only the person it
/// was made for can complete the sign-in.
pub(in crate::auth) async fn begin(
    auth: &Auth,
    browser: &BrowserRequest,
    sent: &Form,
) -> Result<Response, PageError> {
    let named = sent.get("provider").and_then(|id| auth.provider(id));
    let provider = named.ok_or(PageError::UnknownChoice)?;
    let ticket = sent.get("t");
    form(ticket).check(auth, &browser.jar, sent.get("form"))?;
    let ticket = ticket.map(Hash::of);
    // They may have signed in in another window meanwhile.
    if let Some((_, user)) = signed_in(auth, browser).await? {
        follow(auth, &user, ticket).await?;
        return see_other("/account");
    }
    browser.count_sign_in(auth)?;
    let request = AuthenticationRequest::begin(auth, provider).await;
    let request = request.map_err(PageError::of_login)?;
    request
        .send(auth, browser, Target::Account { ticket })
        .await
}

/// Signs the person of `login` in under a new id, and redirects to the account.
pub(in crate::auth) async fn finish(
    auth: &Auth,
    browser: &BrowserRequest,
    provider: &Provider,
    login: &Login,
    ticket: Option<Hash>,
) -> Result<Response, PageError> {
    let user = admit(auth, provider, login).await?;
    let (value, now) = (random::secret()?, auth.now());
    if let Some(before) = browser.jar.login() {
        auth.0.store.end_login(before).await?;
    }
    let sign_in = WebLogin {
        id: Hash::of(value.expose()),
        user_id: user.id.clone(),
        provider: provider.config().id.clone(),
        roles: login.roles.clone(),
        auth_time: login
            .auth_time
            .map_or(now, |seconds| seconds.saturating_mul(1000)),
        last_seen: now,
        expires: now + SIGN_IN_TTL,
    };
    auth.0.store.put_login(&sign_in).await?;
    tracing::info!(user = user.id, "a person signed in");
    let answer = match follow(auth, &user, ticket).await {
        Ok(()) => see_other("/account")?,
        Err(page_error) => page_error.answer(browser, Surface::Own, None),
    };
    Ok(with_cookie(answer, browser.jar.signed_in(&value)))
}

/// Follows a link. Only the person it was made for can.
pub(in crate::auth) async fn follow(
    auth: &Auth,
    user: &User,
    ticket: Option<Hash>,
) -> Result<(), PageError> {
    let Some(ticket) = ticket else { return Ok(()) };
    let now = auth.now();
    let found = auth.0.store.ticket(ticket, now).await?;
    if found.ok_or(PageError::LinkExpired)?.user_id != user.id {
        return Err(PageError::OtherPerson);
    }
    if auth.0.store.spend_ticket(ticket, now).await? {
        Ok(())
    } else {
        Err(PageError::LinkExpired)
    }
}
