//! The composition root: from a configuration to a server that runs.

pub mod http;
pub mod keys;

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::auth::client::document;
use crate::auth::client::redirect::{self, Application, Apps};
use crate::clock::Clock;
use crate::config::{Config, Environment, Fault, Faults, Flags, Transport};
use crate::generated;
use crate::kestra::Kestra;
use crate::mcp::Server;
use crate::policy::role::{Roles, Vocabulary};
use crate::tool::Line;
use crate::transport::stdio::{self, ServeError};

/// A valid configuration, with the roles it defines.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The settings.
    pub config: Config,
    /// The roles.
    pub roles: Roles,
}

/// Reads and checks everything that is configured; see [`Config::read`].
///
/// # Errors
/// All faults.
pub fn configure(
    flags: &Flags,
    environment: &Environment,
    transport: Option<Transport>,
) -> Result<Setup, Faults> {
    let (mut config, mut faults) = Config::read(flags, environment, transport);
    // Only roles of the file name tools: without them, no release line needs to be read.
    let lines = if config.roles.is_empty() {
        &[][..]
    } else {
        Line::ALL
    };
    let mut tools: Vec<&'static str> = lines
        .iter()
        .flat_map(|line| generated::tools(*line))
        .map(|tool| tool.name.as_str())
        .collect();
    tools.sort_unstable();
    tools.dedup();
    let words = Vocabulary {
        permissions: generated::permissions(),
        tools: &tools,
    };
    let mut of_file = Vec::new();
    let roles = Roles::resolve(&config.roles, words, &mut of_file);
    wrong_redirects(&config, &mut of_file);
    wrong_documents(&config, &mut of_file);
    if let Some(path) = &config.file {
        for fault in &mut of_file {
            fault.place = format!("{}: {}", path.display(), fault.place);
        }
    }
    faults.append(&mut of_file);
    let replaced = Roles::replaced(&config.roles).map(|name| {
        format!(
            "[role.{name}] replaces the built-in role {name}: it allows only what is listed there"
        )
    });
    let replaced: Vec<String> = replaced.collect();
    config.warnings.extend(replaced);
    unknown_roles(&config, &roles, &mut faults);
    if faults.is_empty() {
        Ok(Setup { config, roles })
    } else {
        Err(Faults(faults))
    }
}

/// The configuration of a server on standard input and output if placeholders are the only faults: it sends
/// nothing to Kestra, and says why. Clients show little of a server that exits.
pub fn withheld(flags: &Flags, environment: &Environment, faults: &Faults) -> Option<Config> {
    let (config, _) = Config::read(flags, environment, Some(Transport::Stdio));
    let placeholders = config.placeholders.clone();
    (placeholders == faults.0).then(|| Config {
        kestra: config.kestra.clone().withheld(placeholders),
        ..config
    })
}

/// Roles that rules of a provider give, and that do not exist.
fn unknown_roles(config: &Config, roles: &Roles, faults: &mut Vec<Fault>) {
    let unknown = config
        .given
        .iter()
        .filter(|given| !roles.knows(&given.role));
    for given in unknown {
        let (role, known) = (&given.role, roles.names().collect::<Vec<_>>());
        faults.push(Fault {
            place: given.place.clone(),
            problem: format!("gives the role {role}, which does not exist"),
            remedy: format!("write [role.{role}], or use one of {}", known.join(", ")),
        });
    }
}

/// Redirect URIs of configured clients that no browser should be sent to.
fn wrong_redirects(config: &Config, faults: &mut Vec<Fault>) {
    let clients = config
        .http
        .iter()
        .flat_map(|http| &http.authorization.clients);
    for client in clients {
        for uri in &client.redirect_uris {
            if let Err(problem) = redirect::check(uri, Application::Native, Apps::Trusted) {
                faults.push(Fault {
                    place: format!("client {}: redirect_uris: {uri}", client.id),
                    problem: problem.trim_end_matches('.').to_owned(),
                    remedy: "write https, http on loopback, or the scheme of an app".to_owned(),
                });
            }
        }
    }
}

/// Documents to probe that can never be fetched.
fn wrong_documents(config: &Config, faults: &mut Vec<Fault>) {
    let settings = config.http.iter().map(|http| &http.authorization.documents);
    for documents in settings {
        for id in &documents.probe {
            if let Some(problem) = document::problem(id, &documents.hosts) {
                faults.push(Fault {
                    place: format!("oauth.metadata_probe: {id}"),
                    problem,
                    remedy:
                        "list https URLs of documents, on hosts that oauth.client_metadata_hosts \
                             allows"
                            .to_owned(),
                });
            }
        }
    }
}

/// Serves one local client until its input ends.
///
/// # Errors
/// If the connection breaks; see [`ServeError`].
pub async fn stdio<R, W>(
    config: &Config,
    clock: Clock,
    input: R,
    output: W,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    for fault in &config.kestra.withheld {
        tracing::error!("{fault}");
    }
    serve(Kestra::new(&config.kestra, clock), input, output).await
}

/// Serves one local client of `kestra` until its input ends.
///
/// # Errors
/// If the connection breaks; see [`ServeError`].
pub async fn serve<R, W>(kestra: Kestra, input: R, output: W) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let kestra = Arc::new(kestra);
    for warning in kestra.warnings() {
        tracing::warn!("{warning}");
    }
    if kestra.base().is_some() {
        let kestra = Arc::clone(&kestra);
        // Meanwhile the client initializes. The first call reports a failure.
        tokio::spawn(async move {
            if let Err(fault) = kestra.server(kestra.own()).await {
                tracing::warn!(%fault, "cannot learn which Kestra answers");
            }
        });
    }
    let last = kestra.limits().call;
    stdio::serve(Server::local(kestra), input, output, last).await
}
