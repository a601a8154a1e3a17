//! Sign-ins on our own pages: no client comes in by one, and no token opens a page.

use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;

use super::callback::person;
use super::consent::host_of;
use super::cookie::SIGNED_IN;
use super::leg::Leg;
use super::provider::{Login, Provider};
use super::see_other::{see_other, with_cookie};
use super::trouble::Trouble;
use super::visit::Visit;
use super::{Auth, random};
use crate::pages::Surface;
use crate::pages::login::{self, Way, Why};
use crate::store::{Hash, Target, User, WebLogin};

/// Who is signed in by the cookie of `visit`, if anybody is.
pub(super) async fn signed_in(
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

/// Where a person can sign in; a ticket goes with them.
fn ways(auth: &Auth, ticket: Option<&str>) -> Vec<Way> {
    let providers = auth.0.providers.iter();
    providers
        .map(|provider| {
            let config = provider.config();
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("provider", &config.id);
            query.extend_pairs(ticket.map(|ticket| ("t", ticket)));
            Way {
                address: format!("/account?{}", query.finish()),
                host: host_of(&config.issuer),
            }
        })
        .collect()
}

/// The page with the ways to sign in.
pub(super) fn offer(auth: &Auth, visit: &Visit, why: Why, ticket: Option<&str>) -> Response {
    let status = match why {
        Why::Choice | Why::Out | Why::OutEverywhere => StatusCode::OK,
        Why::Over => StatusCode::FORBIDDEN,
    };
    login::page(why, &ways(auth, ticket)).answer(status, visit.https)
}

/// Sends a browser that is not signed in to the provider: the one that it chose, or the only one.
/// With a ticket in the link, only its person may come back.
pub(super) async fn begin(
    auth: &Auth,
    visit: &Visit,
    provider: &Provider,
    ticket: Option<Hash>,
) -> Result<Response, Trouble> {
    visit.counted(auth)?;
    let leg = Leg::begin(auth, provider).await;
    let leg = leg.map_err(Trouble::of_login)?;
    leg.leave(auth, visit, Target::Account { ticket }).await
}

/// Signs the person of `login` in, under a new id, and leads to the account.
pub(super) async fn land(
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
pub(super) async fn follow(auth: &Auth, user: &User, ticket: Option<Hash>) -> Result<(), Trouble> {
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
