//! The callback: a browser comes back from an identity provider.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::Uri;

use crate::auth::Auth;
use crate::auth::browser::authentication_request;
use crate::auth::browser::cookie::Kind;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::see_other::see_other;
use crate::auth::browser::sign_in;
use crate::auth::client;
use crate::auth::provider::{Answer, Login, Provider, ProviderError, Sent, code_of};
use crate::auth::random;
use crate::auth::server::authorization_response::Reply;
use crate::auth::server::consent::told;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::pages::Surface;
use crate::secret::Secret;
use crate::store::{
    ClientKind, Code, Column, Grant, Hash, Ms, OpenError, Target, Transaction, UpstreamState, User,
};

/// Milliseconds for which a client can redeem a code.
const CODE: Ms = 60_000;

/// What providers say when the person did not, or could not, log in (RFC 6749 section 4.1.2.1,
/// OpenID Connect Core section 3.1.2.6).
const NO_LOGIN: &[&str] = &[
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
];

/// The leg on which this browser left for `provider`, whose callback it came to.
async fn left(
    auth: &Auth,
    visit: &Visit,
    provider: &Provider,
    query: &Form,
) -> Result<UpstreamState, Trouble> {
    let state = query.get("state").ok_or(Trouble::Login)?;
    let browser = visit.jar.bound(Kind::Browser, state);
    let browser = browser.ok_or(Trouble::Browser)?;
    let (store, state, now) = (&auth.0.store, Hash::of(state), auth.now());
    let at = authentication_request::asked(provider);
    if let Some(spent) = store.spend_upstream(state, browser, &at, now).await? {
        return Ok(spent);
    }
    let Some(asked) = store.provider_of_upstream(state, browser, now).await? else {
        return Err(Trouble::Login);
    };
    tracing::warn!(
        provider = asked,
        callback = at,
        "a login was begun at one identity provider, and its answer came to the callback of another: \
         one of them may want the codes of the other"
    );
    Err(Trouble::MixUp)
}

/// What the provider says of the person.
async fn login(
    auth: &Auth,
    provider: &Provider,
    query: &Form,
    upstream: &UpstreamState,
) -> Result<Login, Trouble> {
    // An error, too, says something of the person only if it is this provider's.
    let named = provider.named_by(query.get("iss")).await;
    named.map_err(Trouble::of_login)?;
    if let Some(error) = query.get("error") {
        let id = &provider.config().id;
        let is_refusal = NO_LOGIN.contains(&error);
        let sent = Sent::of(error);
        tracing::warn!(
            provider = id,
            error = code_of(error),
            is_refusal,
            remedy = sent.remedy(),
            "the provider sent an error back"
        );
        return Err(match error {
            _ if is_refusal => Trouble::Refused,
            "temporarily_unavailable" => Trouble::Provider(ProviderError::Down { retry_after: 10 }),
            _ => Trouble::Provider(ProviderError::Sent(sent)),
        });
    }
    let row = upstream.state.text();
    let open = |column: Column, sealed: &[u8]| {
        let opened = auth.0.ring.open(&column.of(&row, &[]), sealed)?;
        let text = std::str::from_utf8(&opened).map_err(|_| OpenError::Malformed)?;
        Ok::<_, OpenError>(Secret::new(text))
    };
    let (nonce, verifier) = (
        open(Column::NONCE, &upstream.nonce)?,
        open(Column::VERIFIER, &upstream.verifier)?,
    );
    let wrong = Trouble::Provider(ProviderError::Wrong {
        what: "a callback without code",
    });
    let code = Secret::new(query.get("code").ok_or(wrong)?);
    let answer = Answer {
        redirect_uri: &auth.callback(provider),
        code: &code,
        iss: query.get("iss"),
        nonce: &nonce,
        verifier: &verifier,
    };
    provider.finish(&answer).await.map_err(Trouble::of_login)
}

/// The person of a login, if they may come in: somebody without a role is not even kept.
pub(in crate::auth) async fn person(
    auth: &Auth,
    provider: &Provider,
    login: &Login,
) -> Result<User, Trouble> {
    if login.roles.is_empty() {
        return Err(Trouble::NoRole {
            claims: login.claims.clone(),
            unmapped: login.unmapped.clone(),
        });
    }
    let name = login.name.as_ref().unwrap_or(&login.subject);
    let user = User {
        id: random::id()?,
        issuer: provider.config().issuer.clone(),
        subject: login.subject.clone(),
        name: client::short_name(name),
        disabled_at: None,
    };
    let user = auth.0.store.upsert_user(&user).await?;
    match user.disabled_at {
        None => Ok(user),
        Some(_) => Err(Trouble::Disabled),
    }
}

/// A grant for the client of `transaction`, and the address with its code.
async fn grant(
    auth: &Auth,
    provider: &Provider,
    transaction: &Transaction,
    login: Login,
) -> Result<String, Trouble> {
    let user = person(auth, provider, &login).await?;
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
        // Under whatever name it was asked for, it is one.
        resource: resource_indicator::ours(&auth.0.public, Some(&transaction.resource))
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
    let kept = Code {
        code: Hash::of(code.expose()),
        grant_id: grant.id.clone(),
        client_id: grant.client_id.clone(),
        redirect_uri: transaction.redirect_uri.clone(),
        challenge: transaction.challenge.clone(),
        resource: grant.resource.clone(),
        expires: now + CODE,
    };
    if client.kind == ClientKind::Metadata {
        // The token endpoint takes it from here, also while the server of its document is down.
        auth.keep_document(client).await?;
    }
    auth.0.store.put_grant(&grant, &kept).await?;
    let (user, client, grant) = (grant.user_id, grant.client_id, grant.id);
    tracing::info!(user, client, grant, "a person let a client in");
    Ok(Reply::to(auth, transaction).code(&code))
}

/// Tells the client of `transaction` how it ended; the person first, if only they can do something, or
/// if nobody vouches for the client.
fn tell(
    auth: &Auth,
    visit: &Visit,
    transaction: &Transaction,
    ended: Result<String, Trouble>,
) -> Result<Response, Trouble> {
    let reply = Reply::to(auth, transaction);
    let trouble = match ended {
        Ok(address) => return see_other(&address),
        Err(trouble) => trouble,
    };
    let (error, is_for_client) = match &trouble {
        Trouble::Refused => {
            let why = "nobody logged in at the identity provider";
            (Error::Denied { why }, true)
        }
        Trouble::Provider(fault) => (told(fault), true),
        Trouble::MixUp => {
            let what = "the login at the identity provider";
            (Error::Broken { what }, false)
        }
        Trouble::Requirement | Trouble::Overage | Trouble::NoRole { .. } | Trouble::Disabled => {
            let why = "the person may not come in";
            (Error::Denied { why }, false)
        }
        _ => (Error::Broken { what: "a login" }, false),
    };
    // A provider decided this, and no click: see [`Reply::refuse`].
    if is_for_client && client::is_vouched_for(transaction.client.kind) {
        error.log();
        return see_other(&reply.error(&error));
    }
    let back = reply.back(&error);
    Ok(trouble.answer(visit, Surface::Authorization, Some(&back)))
}

async fn land(auth: &Auth, visit: &Visit, path: &str, query: &str) -> Result<Response, Trouble> {
    let provider = auth.called_back(path).ok_or(Trouble::NoProvider)?;
    let query = Form::parse(query.as_bytes()).map_err(|_| Trouble::Login)?;
    let mut upstream = left(auth, visit, provider, &query).await?;
    let target = std::mem::replace(&mut upstream.target, Target::Account { ticket: None });
    let login = login(auth, provider, &query, &upstream).await;
    match target {
        Target::Authorization(transaction) => {
            let ended = match login {
                Ok(login) => grant(auth, provider, &transaction, login).await,
                Err(trouble) => Err(trouble),
            };
            tell(auth, visit, &transaction, ended)
        }
        Target::Account { ticket } => {
            let signed_in = match login {
                Ok(login) => sign_in::land(auth, visit, provider, &login, ticket).await,
                Err(trouble) => Err(trouble),
            };
            Ok(signed_in.unwrap_or_else(|trouble| trouble.answer(visit, Surface::Own, None)))
        }
    }
}

pub(in crate::auth) async fn back(
    State(auth): State<Auth>,
    visit: Visit,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let answer = land(&auth, &visit, uri.path(), &query).await;
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Authorization, None))
}
