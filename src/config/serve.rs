//! The settings of the HTTP mode, from texts to [`Http`].

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::check::{either, fault, is_segment, secret};
use super::http::{
    Administrator, Authorization, ClaimPath, CredentialMode, Credentials, Http, Listen, Provider,
    Public, Requirement, Userinfo,
};
use super::raw::{Gathered, Key, Setting, Settings};
use super::{Credential, Fault, Kestra, client, kept, provider};

const DAY: Duration = Duration::from_hours(24);
/// Longest life of an access token, in seconds.
const LONGEST: u64 = 900;

/// Checks what the HTTP mode needs. What is only worth a word goes to `warnings`.
pub(super) fn check(
    gathered: &Gathered,
    kestra: &Kestra,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Http {
    let settings = &gathered.settings;
    if kestra.base.is_none() && !settings.contains_key(&Key::Url) {
        faults.push(missing("KESTRA_API_URL", "the address of Kestra"));
    }
    if text(settings, Key::Transport) == Some("sse") {
        warnings.push("KESTRA_MCP_TRANSPORT=sse means http: set it to http".to_owned());
    }
    let listen = listen(settings, faults);
    let providers = providers(gathered, warnings, faults);
    let credentials = credentials(settings, kestra, warnings, faults);
    let callback = callback(settings, listen.public.as_ref(), faults);
    Http {
        authorization: authorization(gathered, callback, warnings, faults),
        listen,
        providers: providers.into_iter().map(Arc::new).collect(),
        keys: kept::keys(settings, faults),
        store: kept::store(settings, &gathered.variables, warnings, faults),
        credentials,
    }
}

pub(super) fn missing(name: &str, what: &str) -> Fault {
    Fault {
        place: name.to_owned(),
        problem: "is not set".to_owned(),
        remedy: format!("set it to {what}"),
    }
}

pub(super) fn text(settings: &Settings, key: Key) -> Option<&str> {
    settings.get(&key).map(|setting| setting.text.trim())
}

/// A whole number within `range`; what is outside becomes a fault.
fn number(
    settings: &Settings,
    key: Key,
    range: std::ops::RangeInclusive<u64>,
    faults: &mut Vec<Fault>,
) -> Option<u64> {
    let setting = settings.get(&key)?;
    let number = setting.text.trim().parse::<u64>().ok();
    let fits = number.filter(|number| range.contains(number));
    if fits.is_none() {
        let remedy = format!(
            "set a whole number from {} to {}",
            range.start(),
            range.end()
        );
        faults.push(fault(setting, "is out of range", remedy));
    }
    fits
}

fn list(settings: &Settings, key: Key) -> Vec<String> {
    text(settings, key)
        .unwrap_or_default()
        .split(',')
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

fn listen(settings: &Settings, faults: &mut Vec<Fault>) -> Listen {
    let address = settings.get(&Key::Host).map_or_else(
        || Some(IpAddr::from([127, 0, 0, 1])),
        |setting| {
            let address = match setting.text.trim() {
                "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
                text => text.parse().ok(),
            };
            if address.is_none() {
                let remedy = "give an address of this machine, such as 127.0.0.1 or 0.0.0.0";
                faults.push(fault(setting, "is no IP address", remedy));
            }
            address
        },
    );
    let address = address.unwrap_or_else(|| IpAddr::from([127, 0, 0, 1]));
    let port = number(settings, Key::Port, 0..=65_535, faults).unwrap_or(8081);
    let bind = SocketAddr::new(address, u16::try_from(port).unwrap_or_default());
    let public = settings
        .get(&Key::PublicUrl)
        .and_then(|setting| public(setting, faults));
    if !address.is_loopback() && !public.as_ref().is_some_and(Public::is_https) {
        let said = settings.contains_key(&Key::PublicUrl);
        if !said || public.is_some() {
            faults.push(Fault {
                place: "KESTRA_MCP_PUBLIC_URL".to_owned(),
                problem: format!(
                    "is no https address, and {address} can be reached from elsewhere"
                ),
                remedy: "set it to the https address under which clients reach this server"
                    .to_owned(),
            });
        }
    }
    Listen {
        bind,
        metrics: metrics(settings, faults),
        public,
        allowed_hosts: list(settings, Key::AllowedHosts),
        allowed_origins: origins(settings, faults),
        max_body: number(settings, Key::MaxBody, 1024..=(16 << 20), faults)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(1 << 20),
        otlp: settings.get(&Key::Otlp).and_then(|setting| {
            let url = Url::parse(setting.text.trim()).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
            if url.is_none() {
                let remedy = "give an address such as http://127.0.0.1:4318";
                faults.push(fault(setting, "is no address of a collector", remedy));
            }
            url
        }),
    }
}

fn metrics(settings: &Settings, faults: &mut Vec<Fault>) -> Option<SocketAddr> {
    let Some(setting) = settings.get(&Key::Metrics) else {
        return Some(SocketAddr::from(([127, 0, 0, 1], 9464)));
    };
    if setting.text.trim() == "off" {
        return None;
    }
    let address = setting.text.trim().parse().ok();
    if address.is_none() {
        let remedy = "give address and port, such as 127.0.0.1:9464, or off";
        faults.push(fault(setting, "is no address to listen on", remedy));
    }
    address
}

fn origins(settings: &Settings, faults: &mut Vec<Fault>) -> Vec<String> {
    let origins = list(settings, Key::AllowedOrigins);
    if let Some(setting) = settings.get(&Key::AllowedOrigins) {
        for origin in &origins {
            let same = Url::parse(origin).is_ok_and(|url| {
                url.origin().is_tuple() && url.origin().ascii_serialization() == *origin
            });
            if !same {
                let problem = format!("{origin} is no origin");
                let remedy = "write scheme, host and port alone, such as https://app.example.com";
                faults.push(fault(setting, problem, remedy));
            }
        }
    }
    origins
}

const PUBLIC: &str = "give scheme and host, and the port if it is unusual, such as \
                      https://mcp.example.com";

/// The issuer is compared byte for byte by clients: at most one final slash goes.
fn public(setting: &Setting, faults: &mut Vec<Fault>) -> Option<Public> {
    let text = setting.text.trim();
    let text = text.strip_suffix('/').unwrap_or(text);
    let mut refuse = |problem: &str, remedy: &str| {
        faults.push(fault(setting, problem, remedy));
        None
    };
    let Ok(url) = Url::parse(text) else {
        return refuse("is no address", PUBLIC);
    };
    if !matches!(url.scheme(), "http" | "https") || !url.origin().is_tuple() {
        return refuse("is no address of a web server", PUBLIC);
    }
    if url.origin().ascii_serialization() != text {
        return refuse("has a path, or is not written as browsers write it", PUBLIC);
    }
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !local {
        return refuse(
            "is not https",
            "tokens must not cross a network in the clear: use https",
        );
    }
    Some(Public {
        issuer: text.into(),
    })
}

fn callback(settings: &Settings, public: Option<&Public>, faults: &mut Vec<Fault>) -> String {
    const DEFAULT: &str = "/auth/callback";
    const TAKEN: &[&str] = &[
        "/",
        "/authorize",
        "/token",
        "/register",
        "/revoke",
        "/consent",
        "/account",
        "/mcp",
        "/healthz",
        "/readyz",
    ];
    let Some(setting) = settings.get(&Key::OidcRedirectUri) else {
        return DEFAULT.to_owned();
    };
    let text = setting.text.trim();
    let path = match public {
        Some(public) => text.strip_prefix(&*public.issuer),
        None => Url::parse(text)
            .ok()
            .filter(|url| url.scheme() == "http")
            .and_then(|_| {
                text.strip_prefix("http://")
                    .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
            }),
    };
    let plain = |path: &&str| {
        path.starts_with('/')
            && !TAKEN.contains(path)
            && !path.starts_with("/.well-known/")
            && path
                .split('/')
                .skip(1)
                .all(|part| is_segment(part) && !part.starts_with('.'))
    };
    if let Some(path) = path.filter(plain) {
        return path.to_owned();
    }
    let remedy = "leave it out, or give an address below the public one with a path of its own";
    faults.push(fault(setting, "is no callback of this server", remedy));
    DEFAULT.to_owned()
}

fn authorization(
    gathered: &Gathered,
    callback: String,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Authorization {
    let settings = &gathered.settings;
    let asked = number(settings, Key::AccessTtl, 60..=86_400, faults).unwrap_or(300);
    if asked > LONGEST {
        warnings.push(format!(
            "ACCESS_TOKEN_TTL_SECONDS is {asked}: access tokens live {LONGEST} s at most, and \
             are refreshed without the person"
        ));
    }
    let grace = number(settings, Key::RefreshGrace, 0..=300, faults).unwrap_or(60);
    let days = number(settings, Key::GrantDays, 1..=365, faults).unwrap_or(30);
    let nested = &gathered.nested;
    Authorization {
        access_ttl: Duration::from_secs(asked.min(LONGEST)),
        refresh_grace: Duration::from_secs(grace),
        grant_ttl: DAY * u32::try_from(days).unwrap_or(30),
        grant_ttl_without_recheck: Duration::from_hours(8),
        registration: either(settings, Key::Registration, false, faults).unwrap_or(true),
        registration_token: secret(
            settings,
            (Key::RegistrationToken, Key::RegistrationTokenFile),
            faults,
        ),
        metadata_documents: either(settings, Key::MetadataDocuments, false, faults).unwrap_or(true),
        metadata_hosts: list(settings, Key::MetadataHosts),
        clients: nested
            .clients
            .as_ref()
            .map(|value| client::clients(&nested.path, value, &gathered.variables, faults))
            .unwrap_or_default(),
        callback,
    }
}

fn credentials(
    settings: &Settings,
    kestra: &Kestra,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Credentials {
    let mode = match settings.get(&Key::CredentialMode) {
        None => CredentialMode::PerUser,
        Some(setting) => match setting.text.trim() {
            "per_user" => CredentialMode::PerUser,
            "shared" => CredentialMode::Shared,
            _ => {
                faults.push(fault(setting, "is no way", "set per_user or shared"));
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
    let administrator = match settings.get(&Key::Administrator) {
        None => Administrator::Refuse,
        Some(setting) => match setting.text.trim() {
            "refuse" => Administrator::Refuse,
            "warn" => Administrator::Warn,
            _ => {
                faults.push(fault(setting, "is no way", "set refuse or warn"));
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
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Vec<Provider> {
    let nested = &gathered.nested;
    let before = faults.len();
    let mut providers = nested
        .providers
        .as_ref()
        .map(|value| provider::providers(&nested.path, value, &gathered.variables, faults))
        .unwrap_or_default();
    if let Some(named) = named(&gathered.settings, warnings, faults) {
        if let Some(other) = providers.iter().find(|other| other.id == named.id) {
            faults.push(Fault {
                place: "OIDC_ISSUER_URL".to_owned(),
                problem: format!("names a provider beside the one with the id {}", other.id),
                remedy: "give that one another id, or leave the variables out".to_owned(),
            });
        }
        providers.push(named);
    }
    if providers.is_empty() && faults.len() == before {
        faults.push(missing(
            "OIDC_ISSUER_URL",
            "the address of your identity provider, with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET \
             (or ENTRA_TENANT_ID), or write [[identity_provider]]",
        ));
    }
    providers
}

/// The provider that variables describe.
fn named(
    settings: &Settings,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Option<Provider> {
    let oidc = secret(
        settings,
        (Key::OidcClientSecret, Key::OidcClientSecretFile),
        faults,
    );
    let entra = secret(
        settings,
        (Key::EntraClientSecret, Key::EntraClientSecretFile),
        faults,
    );
    let tenant = settings.get(&Key::EntraTenant);
    for (key, name) in [
        (Key::OidcAuthority, "OIDC_AUTHORITY"),
        (Key::OidcJwksUri, "OIDC_JWKS_URI"),
    ] {
        if settings.contains_key(&key) {
            warnings.push(format!(
                "{name} is not used: the provider's discovery document says it"
            ));
        }
    }
    let (issuer, require, subject) = match (settings.get(&Key::OidcIssuerUrl), tenant) {
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
                faults.push(fault(setting, "is no id of a tenant", remedy));
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
                if settings.contains_key(&key) {
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
    if let Some(setting) = settings.get(&Key::OidcIssuer)
        && setting.text.trim() != issuer
    {
        let problem = format!("is not {issuer}, which OIDC_ISSUER_URL names");
        faults.push(fault(setting, problem, "leave it out: discovery says it"));
    }
    let client_id =
        text(settings, Key::OidcClientId).or_else(|| text(settings, Key::EntraClientId));
    if client_id.is_none() {
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
        scopes,
        authorize_params: std::collections::BTreeMap::new(),
        subject: ClaimPath(vec![subject.to_owned()]),
        require,
        rules: vec![provider::plain_rule()],
        sources: provider::SOURCES.to_vec(),
        userinfo: Userinfo::default(),
    })
}
