//! The texts of the configuration and where each came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::file::{config_file, env_file};
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
    /// Tenant [env: `KESTRA_TENANT`, default: main]
    #[arg(long, global = true, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// Version of Kestra, instead of asking it [env: `KESTRA_VERSION`]
    #[arg(long, global = true, value_name = "VERSION")]
    pub kestra_version: Option<String>,
    /// Whether to check Kestra's certificate: true or false [env: `KESTRA_VERIFY_SSL`]
    #[arg(long, global = true, value_name = "BOOL")]
    pub verify_ssl: Option<String>,
    /// Certificate authorities to trust besides the system's (PEM) [env: `KESTRA_CA_FILE`]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<String>,
    /// Offer and do nothing that changes something in Kestra; no setting takes this back
    /// [env: `KESTRA_MCP_READ_ONLY`]
    #[arg(long, global = true)]
    pub read_only: bool,
    /// What to log to stderr [env: `KESTRA_MCP_LOG`, default: `warn,kestra_mcp=info,rmcp=warn`]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// One thing that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Url,
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
        variables: &[],
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
        variables: &[],
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
];

/// A text and where it stood.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) place: Place,
}

/// What a text of yes or no says.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The text of each key that has one, from the strongest source.
pub(super) type Settings = BTreeMap<Key, Setting>;

/// Puts `setting` in the place of what a weaker source says. Any source makes a server read-only
/// and none takes it back; a text that is neither stays, to be refused.
pub(super) fn put(settings: &mut Settings, key: Key, setting: Setting) {
    let stays = key == Key::ReadOnly
        && truth(&setting.text).is_some()
        && settings
            .get(&key)
            .is_some_and(|before| truth(&before.text) != Some(false));
    if !stays {
        settings.insert(key, setting);
    }
}

/// Reads every source, the weakest first, so that a stronger one replaces what it says.
pub(super) fn gather(
    flags: &Flags,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Settings {
    let mut settings = Settings::new();
    let beside = flags
        .env_file
        .as_ref()
        .map(|path| env_file(path, faults))
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
        config_file(&path, &mut settings, faults);
    }
    from_variables(&beside, flags.env_file.as_deref(), &mut settings, faults);
    from_variables(environment, None, &mut settings, faults);
    from_flags(flags, &mut settings);
    settings
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
        };
        put(settings, names.key, setting);
    }
}

fn from_flags(flags: &Flags, settings: &mut Settings) {
    let given = [
        (Key::Url, "--url", &flags.url),
        (Key::Tenant, "--tenant", &flags.tenant),
        (Key::Version, "--kestra-version", &flags.kestra_version),
        (Key::VerifySsl, "--verify-ssl", &flags.verify_ssl),
        (Key::CaFile, "--ca-file", &flags.ca_file),
        (Key::Log, "--log", &flags.log),
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
            };
            put(settings, key, setting);
        }
    }
}
