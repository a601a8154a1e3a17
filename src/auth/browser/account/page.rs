//! The account page.

use std::borrow::Cow;

use axum::response::Response;
use http::StatusCode;

use super::signed_in::SignedIn;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::see_other::with_cookie;
use crate::auth::host::host_of;
use crate::auth::server::scope::Scope;
use crate::auth::state::Auth;
use crate::config::http::CredentialMode;
use crate::generated;
use crate::kestra::{Detection, Kind as Held};
use crate::pages::account::{
    Account, Client, Credential, Entry, Fields, Kept, Kestra, Kind, Problem, Role,
};
use crate::principal::Scopes;
use crate::store;
use crate::tool::{Edition, Line};

/// Which kinds of credential the form offers, given what is known about Kestra.
fn entry(auth: &Auth) -> Entry {
    let fields = match &*auth.0.kestra.watch().borrow() {
        Detection::Known(server) => match server.edition {
            Edition::Enterprise => Fields::Token,
            Edition::OpenSource => Fields::Basic,
        },
        Detection::Pending | Detection::Failed(_) => Fields::Either,
    };
    Entry {
        fields,
        basic_writes: auth.0.config.credentials.basic_writes,
    }
}

fn stored(row: &store::Credential) -> Kept<'_> {
    Kept {
        kind: match Held::named(&row.kind) {
            Held::Basic => Kind::Basic,
            Held::Token | Held::None => Kind::Token,
        },
        account: row.kestra_user.as_deref(),
        accepted: (row.checked_at > 0).then_some(row.checked_at),
        used: row.last_used,
    }
}

/// Why a credential was not saved.
pub(super) struct Unsaved {
    /// The status of the page that says so.
    pub(super) status: StatusCode,
    pub(super) problem: Problem,
    /// The kind of credential, if the person chose one.
    pub(super) kind: Option<Kind>,
}

/// What people read about the permission or tool called `name`.
fn in_words(name: &str) -> Cow<'_, str> {
    let mut meanings = generated::meanings().iter();
    if let Some((_, meaning)) = meanings.find(|(permission, _)| permission.0 == name) {
        return Cow::Borrowed(meaning);
    }
    let tools = Line::ALL.iter().flat_map(|line| generated::tools(*line));
    let mut tools = tools.filter(|tool| tool.name == name);
    match tools.next() {
        Some(tool) => Cow::Owned(format!("use \u{201c}{}\u{201d}", tool.title)),
        None => Cow::Borrowed(name),
    }
}

/// Renders the account page.
pub(super) async fn page(
    auth: &Auth,
    browser: &BrowserRequest,
    owner: &SignedIn,
    fault: Option<Unsaved>,
) -> Result<Response, PageError> {
    let SignedIn { login, user } = owner;
    let credential = auth.0.vault.stored(user).await?;
    let grants = auth.0.store.grants_of(&user.id, auth.now()).await?;
    let rendering = owner.form().render(auth, browser).await?;
    let provider = auth.provider(&login.provider).map_or_else(
        || login.provider.clone(),
        |found| host_of(&found.config().issuer),
    );
    let policy = auth.0.policy.roles();
    let roles: Vec<Role<'_>> = login
        .roles
        .iter()
        .map(|name| {
            let shown = policy.shown(name);
            Role {
                name,
                allows: shown.allows.into_iter().map(in_words).collect(),
                denies: shown.denies.into_iter().map(in_words).collect(),
            }
        })
        .collect();
    let clients: Vec<Client<'_>> = grants
        .iter()
        .map(|grant| Client {
            grant: &grant.id,
            name: &grant.client_name,
            writes: Scope::of(&grant.scopes).is_some_and(|scope| scope.tools == Scopes::Write),
            since: grant.created,
            until: grant.expires,
            used: grant.last_used,
        })
        .collect();
    let credentials = &auth.0.config.credentials;
    let used = match credentials.mode {
        CredentialMode::Shared => auth.0.kestra.own().kind(),
        CredentialMode::PerUser => credential
            .as_ref()
            .map_or(Held::None, |row| Held::named(&row.kind)),
    };
    let access = auth.0.policy.access();
    let access = access.and(used.access(credentials.basic_writes));
    let account = Account {
        person: &user.name,
        provider: &provider,
        roles: &roles,
        access,
        kestra: Kestra {
            name: auth.0.config.kestra_name(&auth.0.public),
            address: auth.0.kestra.base(),
            tenant: auth.0.kestra.tenant(),
        },
        credential: match credentials.mode {
            CredentialMode::Shared => Credential::Shared,
            CredentialMode::PerUser => Credential::Own {
                kept: credential.as_ref().map(stored),
                entry: entry(auth),
            },
        },
        clients: &clients,
        form: rendering.value.expose(),
        problem: fault.as_ref().map(|fault| fault.problem),
        entered: fault.as_ref().and_then(|fault| fault.kind),
    };
    let status = fault.map_or(StatusCode::OK, |fault| fault.status);
    let answer = account.page().answer(status, browser.https);
    Ok(with_cookie(answer, rendering.cookie))
}
