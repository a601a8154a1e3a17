//! `/account`: what a person keeps here, and takes away.

use std::borrow::Cow;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use crate::auth::Auth;
use crate::auth::browser::credential_form;
use crate::auth::browser::form_token;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::secret_in_url;
use crate::auth::browser::see_other::{see_other, with_cookie};
use crate::auth::browser::sign_in;
use crate::auth::server::consent::host_of;
use crate::auth::server::error::Error;
use crate::auth::server::form::Form;
use crate::auth::server::scope::Scope;
use crate::auth::vault::NotKept;
use crate::config::http::CredentialMode;
use crate::generated;
use crate::kestra::{Detection, Kind as Held};
use crate::pages::account::{
    Account, Client, Credential, Entry, Fields, Kept, Kestra, Kind, Problem, Role,
};
use crate::pages::login::Why;
use crate::pages::{Surface, done};
use crate::principal::Scopes;
use crate::store::{self, Hash, Purpose, Reason, User, WebLogin};
use crate::tool::{Edition, Line};

/// A person who is signed in.
struct Owner {
    login: WebLogin,
    user: User,
}

impl Owner {
    /// The forms of the account.
    const fn form(&self) -> form_token::Form {
        form_token::Form {
            purpose: Purpose::Account,
            owner: self.login.id,
        }
    }
}

/// What can be entered, by what is known of Kestra.
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

fn kept(row: &store::Credential) -> Kept<'_> {
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

/// Why nothing was saved.
struct Fault {
    /// Of the page that says so.
    status: StatusCode,
    problem: Problem,
    /// Which kind of credential that was, where the person said.
    kind: Option<Kind>,
}

/// What people read of the permission or the tool called `name`.
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

/// The account as a page.
async fn page(
    auth: &Auth,
    visit: &Visit,
    owner: &Owner,
    fault: Option<Fault>,
) -> Result<Response, Trouble> {
    let Owner { login, user } = owner;
    let credential = auth.0.vault.kept(user).await?;
    let grants = auth.0.store.grants_of(&user.id, auth.now()).await?;
    let rendering = owner.form().render(auth, visit).await?;
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
                kept: credential.as_ref().map(kept),
                entry: entry(auth),
            },
        },
        clients: &clients,
        form: rendering.value.expose(),
        problem: fault.as_ref().map(|fault| fault.problem),
        entered: fault.as_ref().and_then(|fault| fault.kind),
    };
    let status = fault.map_or(StatusCode::OK, |fault| fault.status);
    let answer = account.page().answer(status, visit.https);
    Ok(with_cookie(answer, rendering.cookie))
}

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
