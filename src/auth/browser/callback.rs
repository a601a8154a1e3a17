//! The callback: a browser comes back from an identity provider.

mod login;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::Uri;

use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::person::person;
use crate::auth::browser::request::Visit;
use crate::auth::browser::see_other::see_other;
use crate::auth::browser::sign_in;
use crate::auth::client;
use crate::auth::provider::{Login, Provider};
use crate::auth::random;
use crate::auth::server::authorization_response::Reply;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::store::{ClientKind, Code, Column, Grant, Hash, Ms, Target, Transaction};
use login::{left, login};

/// Milliseconds for which a client can redeem a code.
const CODE: Ms = 60_000;

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
        Trouble::Provider(fault) => (Error::of_provider(fault), true),
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
