//! Sign-ins on our own pages: no client comes in by one, and no token opens a page.

use axum::response::Response;
use http::StatusCode;

use crate::auth::browser::authentication_request::Leg;
use crate::auth::browser::bound_form::BoundForm;
use crate::auth::browser::cookie::SIGNED_IN;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::person::person;
use crate::auth::browser::request::Visit;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::host::host_of;
use crate::auth::provider::{Login, Provider};
use crate::auth::random;
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::pages::login::{Login as Question, Way, Why};
use crate::store::{Hash, Target, User, WebLogin};

/// Who is signed in by the cookie of `visit`, if anybody is.
pub(in crate::auth) async fn signed_in(
    auth: &Auth,
    visit: &Visit,
) -> Result<Option<(WebLogin, User)>, Trouble> {
    let Some(id) = visit.jar.login() else {
        return Ok(None);
    };
    match auth.0.store.login(id, auth.now()).await? {
        Some((_, user)) if user.disabled_at.is_some() => Err(Trouble::Disabled),
        found => Ok(found),
    }
}

/// The form with which a person leaves for a provider. It is bound to the browser alone, since nobody
/// is signed in; and to the link that led here, so that none can be put under another's form.
fn form(ticket: Option<&str>) -> BoundForm {
    BoundForm {
        page: "sign_in",
        owner: Hash::of(ticket.unwrap_or_default()),
    }
}

/// The page that asks where to sign in: at all providers, or at the one that a link names.
pub(in crate::auth) fn ask(
    auth: &Auth,
    visit: &Visit,
    why: Why,
    named: Option<&Provider>,
    ticket: Option<&str>,
) -> Result<Response, Trouble> {
    let status = match why {
        Why::Choice | Why::Out | Why::OutEverywhere => StatusCode::OK,
        Why::Over => StatusCode::FORBIDDEN,
    };
    let providers = match named {
        Some(provider) => std::slice::from_ref(provider),
        None => &auth.0.providers,
    };
    let ways: Vec<Way<'_>> = providers
        .iter()
        .map(|provider| Way {
            id: &provider.config().id,
            host: host_of(&provider.config().issuer),
        })
        .collect();
    let rendering = form(ticket).render(auth, visit)?;
    let page = Question {
        why,
        ways: &ways,
        ticket,
        form: rendering.value.expose(),
    };
    let answer = page.page().answer(status, visit.https);
    Ok(with_cookie(answer, rendering.cookie))
}

/// Sends a browser to the provider whose button its person pressed. With a ticket, only the person
/// that it was made for may come back.
pub(in crate::auth) async fn begin(
    auth: &Auth,
    visit: &Visit,
    sent: &Form,
) -> Result<Response, Trouble> {
    let named = sent.get("provider").and_then(|id| auth.provider(id));
    let provider = named.ok_or(Trouble::Choice)?;
    let ticket = sent.get("t");
    form(ticket).check(auth, &visit.jar, sent.get("form"))?;
    let ticket = ticket.map(Hash::of);
    // In another window they may have signed in meanwhile.
    if let Some((_, user)) = signed_in(auth, visit).await? {
        follow(auth, &user, ticket).await?;
        return see_other("/account");
    }
    visit.counted(auth)?;
    let leg = Leg::begin(auth, provider).await;
    let leg = leg.map_err(Trouble::of_login)?;
    leg.leave(auth, visit, Target::Account { ticket }).await
}

/// Signs the person of `login` in, under a new id, and leads to the account.
pub(in crate::auth) async fn land(
    auth: &Auth,
    visit: &Visit,
    provider: &Provider,
    login: &Login,
    ticket: Option<Hash>,
) -> Result<Response, Trouble> {
    let user = person(auth, provider, login).await?;
    let (value, now) = (random::secret()?, auth.now());
    if let Some(before) = visit.jar.login() {
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
        expires: now + SIGNED_IN,
    };
    auth.0.store.put_login(&sign_in).await?;
    tracing::info!(user = user.id, "a person signed in");
    let answer = match follow(auth, &user, ticket).await {
        Ok(()) => see_other("/account")?,
        Err(trouble) => trouble.answer(visit, Surface::Own, None),
    };
    Ok(with_cookie(answer, visit.jar.signed_in(&value)))
}

/// Follows a link, which only the person that it was made for can do.
pub(in crate::auth) async fn follow(
    auth: &Auth,
    user: &User,
    ticket: Option<Hash>,
) -> Result<(), Trouble> {
    let Some(ticket) = ticket else { return Ok(()) };
    let now = auth.now();
    let found = auth.0.store.ticket(ticket, now).await?;
    if found.ok_or(Trouble::Link)?.user_id != user.id {
        return Err(Trouble::OtherPerson);
    }
    if auth.0.store.spend_ticket(ticket, now).await? {
        Ok(())
    } else {
        Err(Trouble::Link)
    }
}
