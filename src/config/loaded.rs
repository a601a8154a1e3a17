//! The configuration as a whole: every source read once and checked together.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tracing_subscriber::filter::Targets;

use super::check::context::Check;
use super::check::http::http;
use super::check::kestra::kestra;
use super::check::roles::roles;
use super::effective::{Effective, report};
use super::environment::Environment;
use super::fault::{Fault, Faults};
use super::flags::Flags;
use super::gather::gather;
use super::http::{GivenRole, Http};
use super::kestra::Kestra;
use super::role::Role;
use super::settings::mcp::{LOG, TRANSPORT};
use super::words::{Transport, Words as _};

/// What `tracing` prints by default.
pub const DEFAULT_LOG: &str = "warn,kestra_mcp=info,rmcp=warn";

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// How clients reach this server, if that is set.
    pub transport: Option<Transport>,
    /// Which Kestra.
    pub kestra: Kestra,
    /// What is logged to stderr, such as `warn,kestra_mcp=info`.
    pub log: String,
    /// The settings of the HTTP mode, if it is asked for.
    pub http: Option<Arc<Http>>,
    /// The configuration file, if one is named.
    pub file: Option<PathBuf>,
    /// The roles of the configuration file.
    pub roles: BTreeMap<String, Role>,
    /// The roles that rules of identity providers give.
    pub given: Vec<GivenRole>,
    /// What is valid and probably not meant.
    pub warnings: Vec<String>,
    /// Those of the faults that are placeholders which nothing replaced.
    pub placeholders: Vec<Fault>,
    /// Every setting in effect, and where it is set. No secrets.
    pub effective: Vec<Effective>,
}

impl Config {
    /// Reads the file that `flags` or `environment` name, if any, and checks everything.
    ///
    /// Flags win over the environment, the environment over the file of variables, and that over the
    /// configuration file. Nothing else is read: an IDE starts this process in folders of strangers.
    ///
    /// # Errors
    /// All faults.
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Self, Faults> {
        let (config, faults) = Self::read(flags, environment, Some(Transport::Stdio));
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(Faults(faults))
        }
    }

    /// The configuration for `transport` with all faults; it is of use only if there are none. Without
    /// `transport` it is the configured one, else HTTP if a setting is there that only HTTP uses.
    pub fn read(
        flags: &Flags,
        environment: &Environment,
        transport: Option<Transport>,
    ) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let gathered = gather(flags, environment, &mut faults);
        let mut check = Check::new(&gathered, faults);
        let kestra = kestra(&mut check);
        let configured = configured_transport(&mut check);
        let log = log(&mut check);
        let roles = roles(&mut check);
        let serves = transport.or(configured).unwrap_or({
            if gathered.is_for_http() {
                Transport::Http
            } else {
                Transport::Stdio
            }
        });
        // Over stdio, settings of the HTTP mode may hold anything.
        let placeholders = gathered
            .said
            .placeholders(|setting| serves == Transport::Http || !setting.is_of_http());
        check.faults.extend(placeholders.iter().cloned());
        let mut given = Vec::new();
        let http =
            (serves == Transport::Http).then(|| Arc::new(http(&mut check, &kestra, &mut given)));
        let shown = match configured {
            Some(other) if other != serves => {
                format!("{}; the command says {}", other.as_str(), serves.as_str())
            }
            _ => serves.as_str().to_owned(),
        };
        check.holds(&TRANSPORT, shown);
        let path = &gathered.nested.path;
        let config = Self {
            transport: configured,
            effective: report(&check, &roles, http.as_deref()),
            kestra,
            log,
            http,
            file: (!path.as_os_str().is_empty()).then(|| path.clone()),
            roles,
            given,
            warnings: check.warnings,
            placeholders,
        };
        (config, check.faults)
    }
}

fn configured_transport(check: &mut Check<'_>) -> Option<Transport> {
    let found = check.said.get(&TRANSPORT)?;
    let transport = match found.text.trim() {
        // The old name.
        "sse" => Some(Transport::Http),
        text => Transport::of(text),
    };
    if transport.is_none() {
        let problem = "is not a transport of this program";
        check
            .faults
            .push(Fault::new(&found.place, problem, "set it to http or stdio"));
    }
    transport
}

fn log(check: &mut Check<'_>) -> String {
    let found = check.said.get(&LOG);
    let text = found.map_or(DEFAULT_LOG, |found| &found.text);
    if let Some(found) = found.filter(|_| text.parse::<Targets>().is_err()) {
        let remedy = "write it like warn,kestra_mcp=info";
        check
            .faults
            .push(Fault::new(&found.place, "is not a filter", remedy));
    }
    check.holds(&LOG, text.trim());
    text.to_owned()
}
