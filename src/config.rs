//! What this process was told: file, environment and flags, read once and checked as a whole.

mod check;
mod client;
pub mod documents;
mod dotenv;
mod effective;
mod file;
pub mod http;
mod kept;
pub mod key;
mod listen;
mod placeholder;
mod provider;
mod raw;
mod role;
pub mod scheme;
mod serve;
mod settings;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use url::Url;

use crate::secret::Secret;
use crate::tool::{Access, Line};

pub use effective::Effective;
pub use kept::Kept;
pub use raw::Flags;

/// The variables of a process; a test gives its own.
pub type Environment = BTreeMap<String, String>;

/// The variables of this process. Those that are not Unicode are none of ours.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// What `tracing` prints unless told otherwise.
pub const DEFAULT_LOG: &str = "warn,kestra_mcp=info,rmcp=warn";

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// How clients reach this server, where that was said.
    pub transport: Option<Transport>,
    /// Which Kestra.
    pub kestra: Kestra,
    /// What is written to stderr, such as `warn,kestra_mcp=info`.
    pub log: String,
    /// What the HTTP mode needs; none unless it was asked for.
    pub http: Option<Arc<http::Http>>,
    /// The configuration file, where one was named.
    pub file: Option<PathBuf>,
    /// The roles of the configuration file.
    pub roles: BTreeMap<String, http::Role>,
    /// The roles that rules of identity providers give.
    pub given: Vec<http::GivenRole>,
    /// What is understood and worth a word.
    pub warnings: Vec<String>,
    /// Of the faults those that are placeholders which nothing replaced.
    pub placeholders: Vec<Fault>,
    /// Every setting as it holds, and where it was said. No secrets.
    pub effective: Vec<Effective>,
}

/// Where a setting was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A variable, a flag, or a key as `table.key`.
    pub name: String,
    /// The file that it stands in; none for a flag or a variable of this process.
    pub file: Option<PathBuf>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}: {}", file.display(), self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// How clients reach this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One client, on standard input and output.
    Stdio,
    /// Many people, over HTTP.
    Http,
}

impl Transport {
    /// As the configuration writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }

    /// For whom that is, and the command that serves so.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Stdio => "stdio: one client, served by kestra-mcp stdio",
            Self::Http => "http: many people, served by kestra-mcp serve",
        }
    }
}

/// Which Kestra to talk to, and as whom.
#[derive(Clone, Debug)]
pub struct Kestra {
    /// Origin and base path, without `/api/v1`; none means that nothing was configured.
    pub base: Option<Url>,
    /// Where its UI is, for links; none is where Kestra says, on the same host.
    pub ui: Option<Url>,
    /// One path segment.
    pub tenant: Arc<str>,
    /// Sent with every request.
    pub credential: Credential,
    /// Where the parts of the credential were said.
    pub credential_from: Vec<Place>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// Overrides what the server says of itself.
    pub line: Option<Line>,
    /// What may be done to it.
    pub access: Access,
    /// Bytes of memory for its answers, of all calls together.
    pub memory: usize,
    /// The longest wait of a call that asks for no progress.
    pub quiet_wait: Duration,
    /// For how long a call like one whose answer nobody took is answered with what that one began.
    pub repeat: Duration,
    /// Why nothing may be sent to it.
    pub withheld: Vec<Fault>,
}

impl Kestra {
    /// The same, of which nothing is known but why.
    #[must_use]
    pub fn withheld(self, faults: Vec<Fault>) -> Self {
        Self {
            base: None,
            ui: None,
            credential: Credential::None,
            credential_from: Vec::new(),
            withheld: faults,
            ..self
        }
    }
}

/// As whom Kestra is called.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nobody.
    None,
    /// `Authorization: Bearer`.
    Token {
        /// An API token of Kestra Enterprise.
        token: Secret,
        /// A user name was configured too, and is not used.
        over_basic: bool,
    },
    /// `Authorization: Basic`.
    Basic {
        /// An e-mail address, mostly.
        username: String,
        /// Its password.
        password: Secret,
    },
}

impl Credential {
    /// Its kind, in a word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Token { .. } => "token",
            Self::Basic { .. } => "basic",
        }
    }
}

/// Whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The authorities of this machine.
    System,
    /// Those and the ones in this PEM text.
    Extra(Arc<[u8]>),
    /// Anyone's: for a test server with a certificate of its own.
    Anyone,
}

/// Something in the configuration that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a variable, a flag, or a key of a file.
    pub place: String,
    /// What is wrong; the value of a secret is never repeated.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.remedy)
    }
}

/// All that is wrong with a configuration.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the configuration has {} {}", .0.len(), if .0.len() == 1 { "fault" } else { "faults" })]
pub struct Faults(pub Vec<Fault>);

/// The files that the configuration may name; tests need no others.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| {
        let cause = match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_owned(),
            std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            other => other.to_string(),
        };
        format!("cannot read {}: {cause}", path.display())
    })
}

impl Config {
    /// Reads the file that `flags` or `environment` name, if any, and checks everything.
    ///
    /// Flags win over the environment, that over a `.env` file, that over the configuration file.
    /// Nothing else is read: an IDE starts this process inside directories of strangers.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, Faults> {
        let (config, faults) = Self::read(flags, environment, Some(Transport::Stdio));
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(Faults(faults))
        }
    }

    /// The same with what `transport` needs, and all that is wrong: of use only when that is
    /// nothing. Without `transport` it is the configured one, else HTTP where something is set
    /// that only HTTP needs.
    pub fn read(
        flags: &Flags,
        environment: &Environment,
        transport: Option<Transport>,
    ) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut gathered = raw::gather(flags, environment, &mut faults);
        let mut config = check::check(&gathered.settings, &mut faults);
        let unreplaced = gathered.settings.unreplaced();
        if let Some(value) = &gathered.nested.roles {
            config.roles = role::roles(&gathered.nested.path, value, &mut faults);
        }
        let path = &gathered.nested.path;
        config.file = (!path.as_os_str().is_empty()).then(|| path.clone());
        config.warnings = std::mem::take(&mut gathered.warnings);
        let serves = transport.or(config.transport).unwrap_or_else(|| {
            if gathered.is_for_http() {
                Transport::Http
            } else {
                Transport::Stdio
            }
        });
        // What is of use in HTTP mode alone may be anything elsewhere.
        let unreplaced =
            unreplaced.filter(|(key, _)| serves == Transport::Http || !key.is_of_http());
        config.placeholders = unreplaced.map(|(_, fault)| fault.clone()).collect();
        faults.extend(config.placeholders.iter().cloned());
        if serves == Transport::Http {
            let (given, warnings) = (&mut config.given, &mut config.warnings);
            let http = serve::check(&gathered, &config.kestra, given, warnings, &mut faults);
            config.http = Some(Arc::new(http));
        }
        config.effective = effective::of(&gathered, &config);
        (config, faults)
    }
}
