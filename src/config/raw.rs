//! The texts of the configuration and where each came from.

use std::path::{Path, PathBuf};

use super::file::{Nested, config_file, env_file, misspelt};
use super::settings::{Setting, Settings, Source};
use super::{Environment, Fault, Place};

/// What the command line says. None of it is secret: command lines can be listed by anyone.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Configuration file (TOML) [env: `KESTRA_MCP_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// File of VARIABLE=value lines; the environment wins over it
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Address of Kestra [env: `KESTRA_API_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Address of Kestra's UI, for links [env: `KESTRA_UI_URL`, default: what Kestra says, on the host
    /// of its address]
    #[arg(long, global = true, value_name = "URL")]
    pub ui_url: Option<String>,
    /// Tenant [env: `KESTRA_TENANT`, default: main]
    #[arg(long, global = true, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// Version of Kestra, instead of asking it [env: `KESTRA_VERSION`]
    #[arg(long, global = true, value_name = "VERSION")]
    pub kestra_version: Option<String>,
    /// Whether to check Kestra's certificate: true or false [env: `KESTRA_VERIFY_SSL`]
    #[arg(long, global = true, value_name = "BOOL")]
    pub verify_ssl: Option<String>,
    /// Certificate authorities to trust in addition to those of the system (PEM) [env: `KESTRA_CA_FILE`]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<String>,
    /// Offer and do nothing that changes something in Kestra; no setting takes this back
    /// [env: `KESTRA_MCP_READ_ONLY`]
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Folder of the database in HTTP mode [env: `KESTRA_MCP_DATA_DIR`]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// What to log to stderr [env: `KESTRA_MCP_LOG`, default: `warn,kestra_mcp=info,rmcp=warn`]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// One thing that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Url,
    UiUrl,
    Tenant,
    Token,
    TokenFile,
    Username,
    Password,
    PasswordFile,
    VerifySsl,
    CaFile,
    Version,
    Transport,
    Log,
    ReadOnly,
    Memory,
    QuietWait,
    Repeat,
    DataDir,
    Host,
    Port,
    PublicUrl,
    Metrics,
    AllowedHosts,
    AllowedOrigins,
    TrustedProxies,
    MaxBody,
    Otlp,
    KestraName,
    CredentialMode,
    TokenArgument,
    BasicWrites,
    Administrator,
    Recheck,
    Store,
    Keys,
    KeysFile,
    OldKeys,
    OldKeysFile,
    AccessTtl,
    RefreshGrace,
    RefreshReuse,
    GrantDays,
    Registration,
    RegistrationToken,
    RegistrationTokenFile,
    ClientDocuments,
    MetadataHosts,
    MetadataProbe,
    MetadataProxy,
    RedirectSchemes,
    OidcIssuerUrl,
    OidcClientId,
    OidcClientSecret,
    OidcClientSecretFile,
    OidcScopes,
    OidcRedirectUri,
    OidcAuthority,
    OidcJwksUri,
    OidcIssuer,
    EntraTenant,
    EntraClientId,
    EntraClientSecret,
    EntraClientSecretFile,
}

/// How a key is written in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Truth,
    Number,
    /// Texts; in a variable separated by commas.
    List,
}

impl Key {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::VerifySsl
            | Self::ReadOnly
            | Self::TokenArgument
            | Self::BasicWrites
            | Self::Registration => Kind::Truth,
            Self::Port
            | Self::Memory
            | Self::QuietWait
            | Self::Repeat
            | Self::MaxBody
            | Self::Recheck
            | Self::AccessTtl
            | Self::RefreshGrace
            | Self::GrantDays => Kind::Number,
            Self::AllowedHosts
            | Self::AllowedOrigins
            | Self::TrustedProxies
            | Self::MetadataHosts
            | Self::MetadataProbe
            | Self::RedirectSchemes => Kind::List,
            _ => Kind::Text,
        }
    }

    /// Whether its text must not be shown.
    pub(super) const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Token
                | Self::Password
                | Self::Keys
                | Self::OldKeys
                | Self::RegistrationToken
                | Self::MetadataProxy
                | Self::OidcClientSecret
                | Self::EntraClientSecret
        )
    }

    /// For a secret, what names the file that may hold it instead.
    pub(super) const fn file_of(self) -> Option<&'static str> {
        Some(match self {
            Self::Token => "KESTRA_API_TOKEN_FILE",
            Self::Password => "KESTRA_PASSWORD_FILE",
            Self::Keys => "ENCRYPTION_KEYS_FILE",
            Self::OldKeys => "ENCRYPTION_KEY_FILE",
            Self::RegistrationToken => "oauth.registration_token_file",
            Self::OidcClientSecret => "OIDC_CLIENT_SECRET_FILE",
            Self::EntraClientSecret => "ENTRA_CLIENT_SECRET_FILE",
            _ => return None,
        })
    }

    /// Whether it is of use in HTTP mode alone.
    pub(super) fn is_of_http(self) -> bool {
        self > Self::DataDir
    }
}

/// The names of a key.
pub(super) struct Names {
    pub(super) key: Key,
    /// The first is the one to recommend, the others are understood too.
    pub(super) variables: &'static [&'static str],
    /// Table and key of the file.
    pub(super) file: Option<(&'static str, &'static str)>,
}

pub(super) const NAMES: &[Names] = &[
    Names {
        key: Key::Url,
        variables: &["KESTRA_API_URL", "KESTRA_BASE_URL"],
        file: Some(("kestra", "url")),
    },
    Names {
        key: Key::UiUrl,
        variables: &["KESTRA_UI_URL"],
        file: Some(("kestra", "ui_url")),
    },
    Names {
        key: Key::Tenant,
        variables: &["KESTRA_TENANT", "KESTRA_TENANT_ID"],
        file: Some(("kestra", "tenant")),
    },
    Names {
        key: Key::Token,
        variables: &["KESTRA_API_TOKEN"],
        file: None,
    },
    Names {
        key: Key::TokenFile,
        variables: &["KESTRA_API_TOKEN_FILE"],
        file: Some(("kestra", "token_file")),
    },
    Names {
        key: Key::Username,
        variables: &["KESTRA_USERNAME"],
        file: Some(("kestra", "username")),
    },
    Names {
        key: Key::Password,
        variables: &["KESTRA_PASSWORD"],
        file: None,
    },
    Names {
        key: Key::PasswordFile,
        variables: &["KESTRA_PASSWORD_FILE"],
        file: Some(("kestra", "password_file")),
    },
    Names {
        key: Key::VerifySsl,
        variables: &["KESTRA_VERIFY_SSL"],
        file: Some(("kestra", "verify_ssl")),
    },
    Names {
        key: Key::CaFile,
        variables: &["KESTRA_CA_FILE"],
        file: Some(("kestra", "ca_file")),
    },
    Names {
        key: Key::Version,
        variables: &["KESTRA_VERSION"],
        file: Some(("kestra", "version")),
    },
    Names {
        key: Key::Transport,
        variables: &["KESTRA_MCP_TRANSPORT"],
        file: Some(("mcp", "transport")),
    },
    Names {
        key: Key::Log,
        variables: &["KESTRA_MCP_LOG"],
        file: Some(("mcp", "log")),
    },
    Names {
        key: Key::ReadOnly,
        variables: &["KESTRA_MCP_READ_ONLY"],
        file: Some(("mcp", "read_only")),
    },
    Names {
        key: Key::Memory,
        variables: &["KESTRA_MCP_MEMORY"],
        file: Some(("mcp", "memory")),
    },
    Names {
        key: Key::QuietWait,
        variables: &["KESTRA_MCP_QUIET_WAIT_SECONDS"],
        file: Some(("mcp", "quiet_wait_seconds")),
    },
    Names {
        key: Key::Repeat,
        variables: &["KESTRA_MCP_REPEAT_SECONDS"],
        file: Some(("mcp", "repeat_seconds")),
    },
    Names {
        key: Key::DataDir,
        variables: &["KESTRA_MCP_DATA_DIR"],
        file: Some(("mcp", "data_dir")),
    },
    Names {
        key: Key::Host,
        variables: &["KESTRA_MCP_HOST"],
        file: Some(("http", "host")),
    },
    Names {
        key: Key::Port,
        variables: &["KESTRA_MCP_PORT"],
        file: Some(("http", "port")),
    },
    Names {
        key: Key::PublicUrl,
        variables: &["KESTRA_MCP_PUBLIC_URL", "AUTH_SERVER_ISSUER_URL"],
        file: Some(("http", "public_url")),
    },
    Names {
        key: Key::Metrics,
        variables: &["KESTRA_MCP_METRICS"],
        file: Some(("http", "metrics")),
    },
    Names {
        key: Key::AllowedHosts,
        variables: &["KESTRA_MCP_ALLOWED_HOSTS"],
        file: Some(("http", "allowed_hosts")),
    },
    Names {
        key: Key::AllowedOrigins,
        variables: &["KESTRA_MCP_ALLOWED_ORIGINS"],
        file: Some(("http", "allowed_origins")),
    },
    Names {
        key: Key::TrustedProxies,
        variables: &["KESTRA_MCP_TRUSTED_PROXIES"],
        file: Some(("http", "trusted_proxies")),
    },
    Names {
        key: Key::MaxBody,
        variables: &[],
        file: Some(("http", "max_body")),
    },
    Names {
        key: Key::Otlp,
        variables: &["OTEL_EXPORTER_OTLP_ENDPOINT"],
        file: Some(("http", "otlp_endpoint")),
    },
    Names {
        key: Key::KestraName,
        variables: &["KESTRA_NAME"],
        file: Some(("kestra", "name")),
    },
    Names {
        key: Key::CredentialMode,
        variables: &["KESTRA_MCP_CREDENTIAL"],
        file: Some(("kestra", "credential")),
    },
    Names {
        key: Key::TokenArgument,
        variables: &[],
        file: Some(("kestra", "token_argument")),
    },
    Names {
        key: Key::BasicWrites,
        variables: &[],
        file: Some(("kestra", "basic_writes")),
    },
    Names {
        key: Key::Administrator,
        variables: &[],
        file: Some(("kestra", "administrator")),
    },
    Names {
        key: Key::Recheck,
        variables: &[],
        file: Some(("kestra", "recheck_seconds")),
    },
    Names {
        key: Key::Store,
        variables: &["KESTRA_TOKEN_STORE"],
        file: Some(("http", "store")),
    },
    Names {
        key: Key::Keys,
        variables: &["ENCRYPTION_KEYS"],
        file: None,
    },
    Names {
        key: Key::KeysFile,
        variables: &["ENCRYPTION_KEYS_FILE"],
        file: Some(("http", "encryption_keys_file")),
    },
    Names {
        key: Key::OldKeys,
        variables: &["ENCRYPTION_KEY"],
        file: None,
    },
    Names {
        key: Key::OldKeysFile,
        variables: &["ENCRYPTION_KEY_FILE"],
        file: None,
    },
    Names {
        key: Key::AccessTtl,
        variables: &["ACCESS_TOKEN_TTL_SECONDS"],
        file: Some(("oauth", "access_token_seconds")),
    },
    Names {
        key: Key::RefreshGrace,
        variables: &[],
        file: Some(("oauth", "refresh_grace_seconds")),
    },
    Names {
        key: Key::RefreshReuse,
        variables: &[],
        file: Some(("oauth", "refresh_reuse")),
    },
    Names {
        key: Key::GrantDays,
        variables: &[],
        file: Some(("oauth", "grant_days")),
    },
    Names {
        key: Key::Registration,
        variables: &["KESTRA_MCP_CLIENT_REGISTRATION"],
        file: Some(("oauth", "client_registration")),
    },
    Names {
        key: Key::RegistrationToken,
        variables: &["KESTRA_MCP_REGISTRATION_TOKEN"],
        file: None,
    },
    Names {
        key: Key::RegistrationTokenFile,
        variables: &[],
        file: Some(("oauth", "registration_token_file")),
    },
    Names {
        key: Key::ClientDocuments,
        variables: &["KESTRA_MCP_CLIENT_DOCUMENTS"],
        file: Some(("oauth", "client_documents")),
    },
    Names {
        key: Key::MetadataHosts,
        variables: &[],
        file: Some(("oauth", "client_metadata_hosts")),
    },
    Names {
        key: Key::MetadataProbe,
        variables: &[],
        file: Some(("oauth", "metadata_probe")),
    },
    Names {
        key: Key::MetadataProxy,
        variables: &["KESTRA_MCP_METADATA_PROXY"],
        file: Some(("oauth", "metadata_proxy")),
    },
    Names {
        key: Key::RedirectSchemes,
        variables: &["KESTRA_MCP_REDIRECT_SCHEMES"],
        file: Some(("oauth", "redirect_schemes")),
    },
    Names {
        key: Key::OidcIssuerUrl,
        variables: &["OIDC_ISSUER_URL"],
        file: None,
    },
    Names {
        key: Key::OidcClientId,
        variables: &["OIDC_CLIENT_ID"],
        file: None,
    },
    Names {
        key: Key::OidcClientSecret,
        variables: &["OIDC_CLIENT_SECRET"],
        file: None,
    },
    Names {
        key: Key::OidcClientSecretFile,
        variables: &["OIDC_CLIENT_SECRET_FILE"],
        file: None,
    },
    Names {
        key: Key::OidcScopes,
        variables: &["OIDC_SCOPES"],
        file: None,
    },
    Names {
        key: Key::OidcRedirectUri,
        variables: &["OIDC_REDIRECT_URI"],
        file: Some(("oauth", "callback_url")),
    },
    Names {
        key: Key::OidcAuthority,
        variables: &["OIDC_AUTHORITY"],
        file: None,
    },
    Names {
        key: Key::OidcJwksUri,
        variables: &["OIDC_JWKS_URI"],
        file: None,
    },
    Names {
        key: Key::OidcIssuer,
        variables: &["OIDC_ISSUER"],
        file: None,
    },
    Names {
        key: Key::EntraTenant,
        variables: &["ENTRA_TENANT_ID"],
        file: None,
    },
    Names {
        key: Key::EntraClientId,
        variables: &["ENTRA_CLIENT_ID"],
        file: None,
    },
    Names {
        key: Key::EntraClientSecret,
        variables: &["ENTRA_CLIENT_SECRET"],
        file: None,
    },
    Names {
        key: Key::EntraClientSecretFile,
        variables: &["ENTRA_CLIENT_SECRET_FILE"],
        file: None,
    },
];

/// All that the sources say.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) settings: Settings,
    /// Tables of the file that hold tables themselves.
    pub(super) nested: Nested,
    /// The variables of the process over those of the `.env` file: the file names some of them.
    pub(super) variables: Environment,
    /// What is understood and worth a word.
    pub(super) warnings: Vec<String>,
}

impl Gathered {
    /// Whether something is said that only the HTTP mode needs.
    pub(super) fn is_for_http(&self) -> bool {
        self.nested.providers.is_some()
            || self.nested.clients.is_some()
            || self.settings.keys().any(|key| key.is_of_http())
            || self.settings.has_refused(|key| key.is_of_http())
    }
}

/// Reads every source, the weakest first, so that a stronger one replaces what it says.
pub(super) fn gather(
    flags: &Flags,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Gathered {
    let mut settings = Settings::default();
    let mut nested = Nested::default();
    let beside = flags
        .env_file
        .as_ref()
        .map(|path| env_file(path, &mut settings, faults))
        .unwrap_or_default();
    let named = |variables: &Environment| {
        variables
            .get("KESTRA_MCP_CONFIG")
            .filter(|text| !text.trim().is_empty())
            .map(PathBuf::from)
    };
    let file = flags
        .config
        .clone()
        .or_else(|| named(environment))
        .or_else(|| named(&beside));
    if let Some(path) = file {
        nested = config_file(&path, &mut settings, faults);
    }
    let mut warnings = Vec::new();
    if let Some(path) = &flags.env_file {
        warnings = misspelt(path, &beside, &nested);
        from_variables(&beside, Some(path), &mut settings, faults);
    }
    from_variables(environment, None, &mut settings, faults);
    from_flags(flags, &mut settings);
    settings.take_placeholders();
    let mut variables = beside;
    variables.extend(environment.clone());
    Gathered {
        settings,
        nested,
        variables,
        warnings,
    }
}

fn from_variables(
    variables: &Environment,
    file: Option<&Path>,
    settings: &mut Settings,
    faults: &mut Vec<Fault>,
) {
    let place = |name: &str| Place {
        name: name.to_owned(),
        file: file.map(Path::to_path_buf),
    };
    for names in NAMES {
        let mut found = names.variables.iter().filter_map(|name| {
            // IDEs pass an empty text for a field that was left blank.
            let text = variables
                .get(*name)
                .filter(|text| !text.trim().is_empty())?;
            Some((*name, text))
        });
        let Some((name, text)) = found.next() else {
            continue;
        };
        if let Some((other, _)) = found.find(|(_, other)| other.trim() != text.trim()) {
            faults.push(Fault {
                place: place(other).to_string(),
                problem: format!("differs from {name}, which means the same"),
                remedy: format!("set {name} alone"),
            });
        }
        let setting = Setting {
            text: text.clone(),
            place: place(name),
            source: if file.is_some() {
                Source::EnvFile
            } else {
                Source::Environment
            },
        };
        settings.put(names.key, setting);
    }
}

fn from_flags(flags: &Flags, settings: &mut Settings) {
    let given = [
        (Key::Url, "--url", &flags.url),
        (Key::UiUrl, "--ui-url", &flags.ui_url),
        (Key::Tenant, "--tenant", &flags.tenant),
        (Key::Version, "--kestra-version", &flags.kestra_version),
        (Key::VerifySsl, "--verify-ssl", &flags.verify_ssl),
        (Key::CaFile, "--ca-file", &flags.ca_file),
        (Key::Log, "--log", &flags.log),
        (Key::DataDir, "--data-dir", &flags.data_dir),
    ];
    let read_only = flags.read_only.then(|| "true".to_owned());
    let narrowing = [(Key::ReadOnly, "--read-only", &read_only)];
    for (key, flag, text) in given.into_iter().chain(narrowing) {
        if let Some(text) = text {
            let setting = Setting {
                text: text.clone(),
                place: Place {
                    name: flag.to_owned(),
                    file: None,
                },
                source: Source::Flag,
            };
            settings.put(key, setting);
        }
    }
}
