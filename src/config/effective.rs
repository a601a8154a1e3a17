//! Every setting as it holds in the end, and where that was said.

mod nested;

use super::http::{Administrator, CredentialMode, Http, RefreshReuse};
use super::raw::{Gathered, Key, NAMES};
use super::{Config, Credential, DEFAULT_LOG, Transport};
use crate::tool::Access;

/// Where what nobody said comes from.
const DEFAULT: &str = "default";

/// One setting as it holds. Of a secret it says only that there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// As `table.key` of the file, or the variable where the file has no key for it.
    pub name: String,
    /// What holds.
    pub value: String,
    /// Where it was said; `default` where nowhere.
    pub source: String,
}

/// All settings, in the order of the documentation.
pub(super) fn of(gathered: &Gathered, config: &Config) -> Vec<Effective> {
    let settings = &gathered.settings;
    let mut all: Vec<Effective> = NAMES
        .iter()
        .filter_map(|names| {
            let name = match (names.file, names.variables) {
                (Some((table, key)), _) => format!("{table}.{key}"),
                (None, [variable, ..]) => (*variable).to_owned(),
                (None, []) => return None,
            };
            let setting = settings.get(names.key);
            let text = setting.map(|setting| setting.text.trim().to_owned());
            let value = match &config.http {
                Some(http) if names.key.is_of_http() => of_http(names.key, text, http)?,
                Some(_) | None => value(names.key, text, config)?,
            };
            let source =
                setting.map_or_else(|| DEFAULT.to_owned(), |setting| setting.place.to_string());
            Some(Effective {
                name,
                value,
                source,
            })
        })
        .collect();
    nested::add(gathered, config, &mut all);
    all
}

/// What holds for every transport; none for what is neither set nor has a default.
fn value(key: Key, text: Option<String>, config: &Config) -> Option<String> {
    let kestra = &config.kestra;
    let unused = matches!(
        kestra.credential,
        Credential::Token {
            over_basic: true,
            ..
        }
    );
    match key {
        Key::Url => Some(
            kestra
                .base
                .as_ref()
                .map_or_else(|| "not set".to_owned(), ToString::to_string),
        ),
        Key::UiUrl => Some(kestra.ui.as_ref().map_or_else(
            || "what Kestra says, on the host of kestra.url".to_owned(),
            ToString::to_string,
        )),
        Key::Tenant => Some(kestra.tenant.to_string()),
        Key::Token => text.map(|_| "set".to_owned()),
        Key::Password => text.map(|_| {
            let unused = if unused { ", not used" } else { "" };
            format!("set{unused}")
        }),
        Key::Username if unused => text.map(|text| format!("{text}, not used")),
        Key::Username | Key::TokenFile | Key::PasswordFile | Key::CaFile => text,
        Key::Transport => {
            let transport = match config.http {
                Some(_) => Transport::Http,
                None => Transport::Stdio,
            };
            Some(match config.transport {
                Some(other) if other != transport => {
                    let (other, transport) = (other.as_str(), transport.as_str());
                    format!("{other}; the command says {transport}")
                }
                _ => transport.as_str().to_owned(),
            })
        }
        Key::VerifySsl => Some(text.unwrap_or_else(|| "true".to_owned())),
        Key::Version => Some(text.unwrap_or_else(|| "asked of the server".to_owned())),
        Key::Log => Some(text.unwrap_or_else(|| DEFAULT_LOG.to_owned())),
        Key::Memory => Some(kestra.memory.to_string()),
        Key::QuietWait => Some(kestra.quiet_wait.as_secs().to_string()),
        Key::Repeat => Some(kestra.repeat.as_secs().to_string()),
        Key::ReadOnly => Some((kestra.access == Access::ReadOnly).to_string()),
        key if key.is_secret() => text.map(|_| "set".to_owned()),
        Key::DataDir => text,
        // Of use over HTTP alone: shown where they were said.
        _ => text.map(|text| format!("{text}, not used over stdio")),
    }
}

/// What holds over HTTP; none for what is neither set nor has a default, and for what the rows of a
/// provider say.
fn of_http(key: Key, text: Option<String>, http: &Http) -> Option<String> {
    let listen = &http.listen;
    let oauth = &http.authorization;
    let credentials = &http.credentials;
    let names = |all: &[String], none: &str| match all {
        [] => none.to_owned(),
        all => all.join(", "),
    };
    Some(match key {
        Key::Host => listen.bind.ip().to_string(),
        Key::Port => listen.bind.port().to_string(),
        Key::PublicUrl => listen.public(listen.bind).issuer.to_string(),
        Key::Metrics => listen
            .metrics
            .map_or_else(|| "off".to_owned(), |address| address.to_string()),
        Key::AllowedHosts => names(&listen.allowed_hosts, "none"),
        Key::AllowedOrigins => names(&listen.allowed_origins, "none"),
        Key::TrustedProxies => {
            let proxies = listen.trusted_proxies.iter().map(ToString::to_string);
            names(&proxies.collect::<Vec<_>>(), "none")
        }
        Key::MaxBody => listen.max_body.to_string(),
        Key::Otlp => listen
            .otlp
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string),
        Key::KestraName => http.kestra_name(&listen.public(listen.bind)).to_owned(),
        Key::CredentialMode => match credentials.mode {
            CredentialMode::PerUser => "per_user".to_owned(),
            CredentialMode::Shared => "shared".to_owned(),
        },
        Key::TokenArgument => credentials.token_argument.to_string(),
        Key::BasicWrites => credentials.basic_writes.to_string(),
        Key::Administrator => match credentials.administrator {
            Administrator::Refuse => "refuse".to_owned(),
            Administrator::Warn => "warn".to_owned(),
        },
        Key::Recheck => credentials.recheck.as_secs().to_string(),
        Key::Store => http.store.display().to_string(),
        Key::AccessTtl => {
            let seconds = oauth.access_ttl.as_secs().to_string();
            match text {
                Some(text) if text != seconds => format!("{seconds}, lowered from {text}"),
                _ => seconds,
            }
        }
        Key::RefreshGrace => oauth.refresh_grace.as_secs().to_string(),
        Key::RefreshReuse => match oauth.refresh_reuse {
            RefreshReuse::End => "end".to_owned(),
            RefreshReuse::Refuse => "refuse".to_owned(),
        },
        Key::GrantDays => (oauth.grant_ttl.as_secs() / (24 * 3600)).to_string(),
        Key::Registration => oauth.registration.to_string(),
        Key::ClientDocuments => oauth.documents.mode.as_str().to_owned(),
        Key::MetadataHosts => names(&oauth.documents.hosts, "all"),
        Key::MetadataProbe => names(&oauth.documents.probe, "none"),
        Key::MetadataProxy => oauth
            .documents
            .proxy
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string),
        Key::RedirectSchemes => names(&oauth.redirect_schemes, "none"),
        Key::OidcRedirectUri => {
            let issuer = listen.public(listen.bind).issuer;
            format!("{issuer}{}", oauth.callback)
        }
        Key::OidcAuthority | Key::OidcJwksUri => format!("{}, not used", text?),
        Key::OidcIssuerUrl
        | Key::OidcClientId
        | Key::OidcClientSecret
        | Key::OidcClientSecretFile
        | Key::OidcScopes
        | Key::EntraTenant
        | Key::EntraClientId
        | Key::EntraClientSecret
        | Key::EntraClientSecretFile => return None,
        key if key.is_secret() => text.map(|_| "set".to_owned())?,
        _ => return text,
    })
}
