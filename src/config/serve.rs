//! The settings of the HTTP mode, from texts to [`Http`].

use std::sync::Arc;
use std::time::Duration;

use super::check::{either, fault, is_segment, number, said, secret};
use super::http::{
    Administrator, Authorization, ClaimPath, CredentialMode, Credentials, GivenRole, Http,
    Provider, RefreshReuse, Requirement, Userinfo,
};
use super::raw::{Gathered, Key};
use super::settings::Settings;
use super::{Credential, Fault, Kestra, client, documents, kept, listen, provider, scheme};
use crate::secret::is_hidden;

const DAY: Duration = Duration::from_hours(24);
/// What a credential is said by.
const CREDENTIAL: &[Key] = &[
    Key::Token,
    Key::TokenFile,
    Key::Username,
    Key::Password,
    Key::PasswordFile,
];
/// What names a provider by variables.
const PROVIDER: &[Key] = &[Key::OidcIssuerUrl, Key::EntraTenant];
/// Longest life of an access token, in seconds.
const LONGEST: u64 = 900;

/// Checks what the HTTP mode needs. What is only worth a word goes to `warnings`, the roles that
/// providers give to `given`.
pub(super) fn check(
    gathered: &Gathered,
    kestra: &Kestra,
    given: &mut Vec<GivenRole>,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Http {
    let settings = &gathered.settings;
    let said = settings.contains_key(Key::Url) || settings.is_refused(&[Key::Url]);
    if kestra.base.is_none() && !said {
        faults.push(missing("KESTRA_API_URL", "the address of Kestra"));
    }
    if text(settings, Key::Transport) == Some("sse") {
        warnings.push("KESTRA_MCP_TRANSPORT=sse means http: set it to http".to_owned());
    }
    let listen = listen::listen(settings, faults);
    let providers = providers(gathered, given, warnings, faults);
    let credentials = credentials(settings, kestra, warnings, faults);
    let callback = listen::callback(settings, listen.public.as_ref(), &providers, faults);
    Http {
        authorization: authorization(gathered, callback, warnings, faults),
        listen,
        providers: providers.into_iter().map(Arc::new).collect(),
        keys: kept::keys(settings, faults),
        store: kept::store(settings, &gathered.variables, warnings, faults),
        credentials,
        kestra_name: kestra_name(settings, faults),
    }
}

/// Characters of a name.
const LONGEST_NAME: usize = 80;

fn kestra_name(settings: &Settings, faults: &mut Vec<Fault>) -> Option<String> {
    let setting = settings.get(Key::KestraName)?;
    let name = setting.text.trim();
    if name.chars().count() > LONGEST_NAME {
        let problem = format!("is longer than {LONGEST_NAME} characters");
        faults.push(fault(
            setting,
            problem,
            "give a short name, such as Production",
        ));
    } else if name
        .chars()
        .any(|next| next.is_control() || is_hidden(next))
    {
        let problem = "has a character that cannot be seen";
        faults.push(fault(
            setting,
            problem,
            "write it on one line, in plain text",
        ));
    }
    Some(name.to_owned())
}

pub(super) fn missing(name: &str, what: &str) -> Fault {
    Fault {
        place: name.to_owned(),
        problem: "is not set".to_owned(),
        remedy: format!("set it to {what}"),
    }
}

pub(super) fn text(settings: &Settings, key: Key) -> Option<&str> {
    settings.get(key).map(|setting| setting.text.trim())
}

pub(super) fn list(settings: &Settings, key: Key) -> Vec<String> {
    text(settings, key)
        .unwrap_or_default()
        .split(',')
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

fn authorization(
    gathered: &Gathered,
    callback: String,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Authorization {
    let settings = &gathered.settings;
    let asked = number(settings, Key::AccessTtl, 60..=86_400, faults).unwrap_or(LONGEST);
    if asked > LONGEST {
        warnings.push(format!(
            "ACCESS_TOKEN_TTL_SECONDS is {asked}: access tokens live {LONGEST} s at most, and \
             are refreshed without the person"
        ));
    }
    let grace = number(settings, Key::RefreshGrace, 0..=300, faults).unwrap_or(300);
    let days = number(settings, Key::GrantDays, 1..=365, faults).unwrap_or(30);
    let nested = &gathered.nested;
    Authorization {
        access_ttl: Duration::from_secs(asked.min(LONGEST)),
        refresh_grace: Duration::from_secs(grace),
        refresh_reuse: refresh_reuse(settings, faults),
        grant_ttl: DAY * u32::try_from(days).unwrap_or(30),
        grant_ttl_without_recheck: Duration::from_hours(8),
        registration: either(settings, Key::Registration, false, faults).unwrap_or(true),
        registration_token: secret(
            settings,
            (Key::RegistrationToken, Key::RegistrationTokenFile),
            faults,
        ),
        documents: documents::documents(settings, faults),
        redirect_schemes: scheme::schemes(settings, faults),
        clients: nested
            .clients
            .as_ref()
            .map(|value| client::clients(&nested.path, value, &gathered.variables, faults))
            .unwrap_or_default(),
        callback,
    }
}

fn refresh_reuse(settings: &Settings, faults: &mut Vec<Fault>) -> RefreshReuse {
    match settings.get(Key::RefreshReuse) {
        None => RefreshReuse::End,
        Some(setting) => match setting.text.trim() {
            "end" => RefreshReuse::End,
            "refuse" => RefreshReuse::Refuse,
            _ => {
                let problem = "is neither end nor refuse";
                faults.push(fault(setting, problem, "set one of them"));
                RefreshReuse::End
            }
        },
    }
}

fn credentials(
    settings: &Settings,
    kestra: &Kestra,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Credentials {
    let mode = match settings.get(Key::CredentialMode) {
        None => CredentialMode::PerUser,
        Some(setting) => match setting.text.trim() {
            "per_user" => CredentialMode::PerUser,
            "shared" => CredentialMode::Shared,
            _ => {
                let problem = "is neither per_user nor shared";
                faults.push(fault(setting, problem, "set one of them"));
                CredentialMode::PerUser
            }
        },
    };
    let configured = !matches!(kestra.credential, Credential::None);
    match (mode, configured) {
        (CredentialMode::Shared, true) => warnings.push(
            "kestra.credential is shared: everybody acts in Kestra as the configured account"
                .to_owned(),
        ),
        (CredentialMode::Shared, false) if settings.is_refused(CREDENTIAL) => {}
        (CredentialMode::Shared, false) => faults.push(missing(
            "KESTRA_API_TOKEN",
            "the credential that all share, or set KESTRA_USERNAME and KESTRA_PASSWORD",
        )),
        (CredentialMode::PerUser, true) => warnings.push(
            "the configured Kestra credential is not used over HTTP: each person registers an own \
             one at /account, or set kestra.credential = \"shared\""
                .to_owned(),
        ),
        (CredentialMode::PerUser, false) => {}
    }
    let administrator = match settings.get(Key::Administrator) {
        None => Administrator::Refuse,
        Some(setting) => match setting.text.trim() {
            "refuse" => Administrator::Refuse,
            "warn" => Administrator::Warn,
            _ => {
                let problem = "is neither refuse nor warn";
                faults.push(fault(setting, problem, "set one of them"));
                Administrator::Refuse
            }
        },
    };
    Credentials {
        mode,
        token_argument: either(settings, Key::TokenArgument, false, faults).unwrap_or(false),
        basic_writes: either(settings, Key::BasicWrites, false, faults).unwrap_or(false),
        administrator,
        recheck: Duration::from_secs(
            number(settings, Key::Recheck, 10..=86_400, faults).unwrap_or(600),
        ),
    }
}

fn providers(
    gathered: &Gathered,
    given: &mut Vec<GivenRole>,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Vec<Provider> {
    let nested = &gathered.nested;
    let before = faults.len();
    let mut providers = nested
        .providers
        .as_ref()
        .map(|value| provider::providers(&nested.path, value, &gathered.variables, given, faults))
        .unwrap_or_default();
    if let Some(named) = named(gathered, warnings, faults) {
        if let Some(other) = providers.iter().find(|other| other.id == named.id) {
            faults.push(Fault {
                place: "OIDC_ISSUER_URL".to_owned(),
                problem: format!("names a provider beside the one with the id {}", other.id),
                remedy: "give that one another id, or leave the variables out".to_owned(),
            });
        }
        providers.push(named);
    }
    let said = gathered.settings.is_refused(PROVIDER);
    if providers.is_empty() && faults.len() == before && !said {
        faults.push(missing(
            "OIDC_ISSUER_URL",
            "the address of your identity provider, with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET \
             (or ENTRA_TENANT_ID), or write [[identity_provider]]",
        ));
    }
    providers
}

/// Warns of the names of Entra that are not used, because those of OIDC say the same.
fn unused(settings: &Settings, secrets: ((Key, Key), (Key, Key)), warnings: &mut Vec<String>) {
    let pairs = [
        (Key::OidcIssuerUrl, Key::EntraTenant),
        (Key::OidcClientId, Key::EntraClientId),
    ];
    let pairs = pairs.map(|(used, unused)| (settings.get(used), settings.get(unused)));
    let secrets = (said(settings, secrets.0), said(settings, secrets.1));
    for (used, unused) in pairs.into_iter().chain([secrets]) {
        if let (Some(used), Some(unused)) = (used, unused) {
            let (used, unused) = (&used.place, &unused.place);
            warnings.push(format!("{unused} is not used, because {used} is set"));
        }
    }
}

/// The provider that variables describe.
fn named(
    gathered: &Gathered,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Option<Provider> {
    let settings = &gathered.settings;
    let secrets = (Key::OidcClientSecret, Key::OidcClientSecretFile);
    let others = (Key::EntraClientSecret, Key::EntraClientSecretFile);
    let oidc = secret(settings, secrets, faults);
    let entra = secret(settings, others, faults);
    let tenant = settings.get(Key::EntraTenant);
    unused(settings, (secrets, others), warnings);
    for (key, name) in [
        (Key::OidcAuthority, "OIDC_AUTHORITY"),
        (Key::OidcJwksUri, "OIDC_JWKS_URI"),
    ] {
        if settings.contains_key(key) {
            warnings.push(format!(
                "{name} is not used: the provider's discovery document says it"
            ));
        }
    }
    let (issuer, require, subject) = match (settings.get(Key::OidcIssuerUrl), tenant) {
        (Some(setting), _) => {
            let issuer = setting.text.trim().to_owned();
            if let Some(problem) = provider::issuer_problem(&issuer) {
                faults.push(fault(setting, problem, provider::ISSUER));
            }
            (issuer, Vec::new(), "sub")
        }
        (None, Some(setting)) => {
            let tenant = setting.text.trim();
            if !is_segment(tenant) || !tenant.contains('-') {
                let remedy = "give the tenant's id: a GUID";
                faults.push(fault(setting, "is not a tenant id", remedy));
            }
            let require = Requirement {
                claim: ClaimPath(vec!["tid".to_owned()]),
                equals: tenant.into(),
            };
            let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
            (issuer, vec![require], "oid")
        }
        (None, None) => {
            for (key, name) in [
                (Key::OidcClientId, "OIDC_CLIENT_ID"),
                (Key::OidcClientSecret, "OIDC_CLIENT_SECRET"),
                (Key::EntraClientId, "ENTRA_CLIENT_ID"),
            ] {
                // A provider of the file may name the variable of its secret like this.
                let is_theirs = key == Key::OidcClientSecret && gathered.nested.providers.is_some();
                if settings.contains_key(key) && !is_theirs && !settings.is_refused(PROVIDER) {
                    faults.push(Fault {
                        place: name.to_owned(),
                        problem: "comes without a provider".to_owned(),
                        remedy: "set OIDC_ISSUER_URL or ENTRA_TENANT_ID".to_owned(),
                    });
                }
            }
            return None;
        }
    };
    if let Some(setting) = settings.get(Key::OidcIssuer)
        && setting.text.trim() != issuer
    {
        let problem = format!("is not {issuer}, which OIDC_ISSUER_URL names");
        faults.push(fault(setting, problem, "leave it out: discovery says it"));
    }
    let client_id =
        text(settings, Key::OidcClientId).or_else(|| text(settings, Key::EntraClientId));
    let said = settings.is_refused(&[Key::OidcClientId, Key::EntraClientId]);
    if client_id.is_none() && !said {
        faults.push(missing(
            "OIDC_CLIENT_ID",
            "this server's client id at the provider",
        ));
    }
    let asked = text(settings, Key::OidcScopes).unwrap_or_default();
    let scopes = provider::scopes(asked.split_whitespace().map(str::to_owned).collect());
    if !scopes.iter().any(|scope| scope == "offline_access") {
        warnings.push(
            "OIDC_SCOPES is without offline_access: people log in again after 8 hours".to_owned(),
        );
    }
    Some(Provider {
        id: "default".to_owned(),
        issuer,
        client_id: client_id.unwrap_or_default().to_owned(),
        client_secret: oidc.or(entra),
        trusted_audiences: Vec::new(),
        scopes,
        authorize_params: std::collections::BTreeMap::new(),
        subject: ClaimPath(vec![subject.to_owned()]),
        require,
        rules: vec![provider::plain_rule()],
        sources: provider::SOURCES.to_vec(),
        userinfo: Userinfo::default(),
    })
}
