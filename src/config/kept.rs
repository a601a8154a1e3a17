//! What is kept and what opens it: all that the commands about keys need of the settings.

use std::path::{Path, PathBuf};

use super::check::{fault, said, secret};
use super::http::RingKey;
use super::raw::{self, Key};
use super::serve::{missing, text};
use super::settings::Settings;
use super::{Environment, Fault, Faults, Flags, key};

/// The database and its keys.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The database file.
    pub store: PathBuf,
    /// The keys that seal what is kept; never empty, the first seals.
    pub keys: Vec<RingKey>,
}

impl Kept {
    /// Reads what [`Config::read`](super::Config::read) reads, and asks for no more than this.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(flags: &Flags, environment: &Environment) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let gathered = raw::gather(flags, environment, &mut faults);
        let settings = &gathered.settings;
        let ours = [
            Key::Keys,
            Key::KeysFile,
            Key::OldKeys,
            Key::OldKeysFile,
            Key::Store,
            Key::DataDir,
        ];
        let placeholders = settings.unreplaced().filter(|(key, _)| ours.contains(key));
        faults.extend(placeholders.map(|(_, fault)| fault.clone()));
        let kept = Self {
            keys: keys(settings, &mut faults),
            // What it warns of, the server warns of.
            store: store(settings, &gathered.variables, &mut Vec::new(), &mut faults),
        };
        if faults.is_empty() {
            Ok(kept)
        } else {
            Err(Faults(faults))
        }
    }
}

pub(super) fn keys(settings: &Settings, faults: &mut Vec<Fault>) -> Vec<RingKey> {
    let before = faults.len();
    let mut keys = Vec::new();
    for (direct, file) in [(Key::Keys, Key::KeysFile), (Key::OldKeys, Key::OldKeysFile)] {
        let pair = (direct, file);
        let Some(text) = secret(settings, pair, faults) else {
            continue;
        };
        match key::ring(&text) {
            Ok(read) => keys.extend(read),
            Err(problem) => {
                let remedy = "take what kestra-mcp keys generate prints";
                faults
                    .extend(said(settings, pair).map(|at| fault(at, problem.to_string(), remedy)));
            }
        }
    }
    let said = [Key::Keys, Key::KeysFile, Key::OldKeys, Key::OldKeysFile];
    if keys.is_empty() && faults.len() == before && !settings.is_refused(&said) {
        faults.push(missing(
            "ENCRYPTION_KEYS",
            "what kestra-mcp keys generate prints, and keep it: without it nothing that is kept \
             can be read",
        ));
    }
    keys
}

pub(super) fn store(
    settings: &Settings,
    variables: &Environment,
    warnings: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> PathBuf {
    const NAME: &str = "kestra-mcp.db";
    let variable = |name: &str| variables.get(name).filter(|text| !text.is_empty());
    let folder = text(settings, Key::DataDir).map(PathBuf::from).or_else(|| {
        variable("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| variable("HOME").map(|home| Path::new(home).join(".local/share")))
            .map(|base| base.join("kestra-mcp"))
    });
    let Some(setting) = settings.get(Key::Store) else {
        if folder.is_none() && !settings.is_refused(&[Key::Store, Key::DataDir]) {
            faults.push(missing("KESTRA_MCP_DATA_DIR", "a folder for the database"));
        }
        return folder.unwrap_or_default().join(NAME);
    };
    let text = setting.text.trim();
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        let remedy = "name a file: this version keeps its data in SQLite";
        faults.push(fault(setting, "is a PostgreSQL database", remedy));
        return PathBuf::new();
    }
    let path = text
        .strip_prefix("sqlite://")
        .or_else(|| text.strip_prefix("sqlite:"))
        .unwrap_or(text);
    let path = PathBuf::from(path.split('?').next().unwrap_or_default());
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        let beside = path.with_extension("db");
        warnings.push(format!(
            "KESTRA_TOKEN_STORE names {}, a file of another program: it stays as it is, and {} is \
             used; people register their Kestra token again",
            path.display(),
            beside.display()
        ));
        return beside;
    }
    path
}
