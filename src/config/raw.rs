//! The texts of the configuration and where each came from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Environment, Fault, read};

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
}

/// The names of a key.
struct Names {
    key: Key,
    /// The first is the one to recommend, the others are understood too.
    variables: &'static [&'static str],
    /// Table and key of the file.
    file: Option<(&'static str, &'static str)>,
}

const NAMES: &[Names] = &[
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
];

/// A text and where it stood.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) place: String,
}

/// The text of each key that has one, from the strongest source.
pub(super) type Settings = BTreeMap<Key, Setting>;

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
    for variables in [&beside, environment] {
        from_variables(variables, &mut settings, faults);
    }
    from_flags(flags, &mut settings);
    settings
}

fn from_variables(variables: &Environment, settings: &mut Settings, faults: &mut Vec<Fault>) {
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
                place: other.to_owned(),
                problem: format!("differs from {name}, which means the same"),
                remedy: format!("set {name} alone"),
            });
        }
        settings.insert(
            names.key,
            Setting {
                text: text.clone(),
                place: name.to_owned(),
            },
        );
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
    for (key, flag, text) in given {
        if let Some(text) = text {
            settings.insert(
                key,
                Setting {
                    text: text.clone(),
                    place: flag.to_owned(),
                },
            );
        }
    }
}

fn env_file(path: &PathBuf, faults: &mut Vec<Fault>) -> Environment {
    let mut fault = |problem: String| {
        faults.push(Fault {
            place: "--env-file".to_owned(),
            problem,
            remedy: "name a file of VARIABLE=value lines, values with special characters in \
                     single quotes"
                .to_owned(),
        });
        Environment::new()
    };
    let text = match read(path) {
        Ok(text) => text,
        Err(problem) => return fault(problem),
    };
    let mut variables = Environment::new();
    for entry in dotenvy::from_read_iter(text.as_slice()) {
        match entry {
            Ok((name, value)) => variables.insert(name, value),
            // Its text holds the line, which may hold a secret.
            Err(_) => return fault(format!("{} has a line that is no setting", path.display())),
        };
    }
    variables
}

fn config_file(path: &PathBuf, settings: &mut Settings, faults: &mut Vec<Fault>) {
    let shown = path.display().to_string();
    let text = match read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(problem) => {
            let remedy = "name a readable file".to_owned();
            faults.push(Fault {
                place: "--config".to_owned(),
                problem,
                remedy,
            });
            return;
        }
    };
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
            faults.push(Fault {
                place: format!("{shown}:{line}"),
                problem: format!("not TOML: {}", error.message()),
                remedy: "mend the line".to_owned(),
            });
            return;
        }
    };
    for (section, value) in &table {
        let known: Vec<&str> = NAMES
            .iter()
            .filter_map(|names| names.file.filter(|(table, _)| table == section))
            .map(|(_, key)| key)
            .collect();
        let Some(entries) = value.as_table().filter(|_| !known.is_empty()) else {
            faults.push(unknown(
                format!("{shown}: {section}"),
                section,
                &["kestra", "mcp"],
            ));
            continue;
        };
        for (key, value) in entries {
            let place = format!("{shown}: {section}.{key}");
            let names = NAMES
                .iter()
                .find(|names| names.file == Some((section.as_str(), key.as_str())));
            match (names, value) {
                (None, _) => faults.push(unknown(place, key, &known)),
                (Some(names), toml::Value::String(text)) => {
                    settings.insert(
                        names.key,
                        Setting {
                            text: text.clone(),
                            place,
                        },
                    );
                }
                (Some(names), toml::Value::Boolean(truth)) if names.key == Key::VerifySsl => {
                    settings.insert(
                        names.key,
                        Setting {
                            text: truth.to_string(),
                            place,
                        },
                    );
                }
                (Some(_), _) => faults.push(Fault {
                    place,
                    problem: format!("is of type {}", value.type_str()),
                    remedy: "write a text in quotes".to_owned(),
                }),
            }
        }
    }
}

fn unknown(place: String, name: &str, known: &[&str]) -> Fault {
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(name, known), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.7);
    let remedy = nearest.map_or_else(
        || format!("known here: {}", known.join(", ")),
        |(_, nearest)| format!("did you mean {nearest}?"),
    );
    Fault {
        place,
        problem: "is no setting".to_owned(),
        remedy,
    }
}
