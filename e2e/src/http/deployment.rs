//! Everything that runs beside the clients.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use simulator::{Auth, Clock, Dialect, Edition, Holder, Settings, Simulator};

use super::browser::Browser;
use super::checks::Checks;
use super::folders::{Folders, SPANS};
use super::keycloak::{DEFAULTS, Installed, Keycloak, MAPPED, Realm};
use super::listener::Collector;
use super::loopback::free_port;
use super::secrets::Secrets;
use super::server::{self, Options, Server};
use crate::node::Node;
use crate::script::Script;
use crate::workspace::Workspace;

/// A flow that is there from the beginning.
const FLOW: &str = "id: hello
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
";

/// The people of the realm: Ada may do everything, Ben may look, Cleo has no role.
const PEOPLE: [&str; 3] = ["ada", "ben", "cleo"];

/// Everything that runs.
pub(crate) struct Deployment {
    pub(crate) keycloak: Keycloak,
    _kestra: Simulator,
    pub(crate) mapped: Server,
    pub(crate) defaults: Server,
    pub(crate) browser: Browser,
    pub(crate) secrets: Secrets,
    /// Passwords at Keycloak, in the order of [`PEOPLE`].
    pub(crate) passwords: [String; 3],
    /// Tokens at Kestra, of Ada and Ben.
    pub(crate) tokens: [String; 2],
    _collector: Collector,
}

impl Deployment {
    pub(crate) async fn start(
        workspace: &Workspace,
        folders: &Folders,
        keycloak: Installed,
        (node, browser): (&Node, &Path),
        server: &Path,
    ) -> anyhow::Result<Self> {
        let secrets = Secrets::default();
        let mut passwords = [const { String::new() }; 3];
        for (password, user) in passwords.iter_mut().zip(PEOPLE) {
            *password = secrets.random(&format!("password of {user}"))?;
        }
        let mut tokens = [const { String::new() }; 2];
        for (token, user) in tokens.iter_mut().zip(PEOPLE) {
            *token = secrets.random(&format!("Kestra token of {user}"))?;
        }
        let (mapped, defaults) = (free_port()?, free_port()?);
        let client_secrets = [
            secrets.random("secret of the mapped client")?,
            secrets.random("secret of the default client")?,
        ];
        let realm = realm(&passwords, &client_secrets, [mapped, defaults]);
        let log = folders.logs.join("keycloak.log");
        let keycloak = keycloak.start(realm, &secrets, &log).await?;
        let kestra = kestra(&tokens).await?;
        let collector = Collector::start(&folders.logs.join(SPANS)).await?;
        let common = [
            ("KESTRA_API_URL", kestra.url()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin().to_owned()),
        ];
        let [mapped_secret, defaults_secret] = client_secrets;
        let options = |name, port, variables: Vec<_>, file| Options {
            name,
            program: server,
            port,
            folder: &folders.folder,
            logs: &folders.logs,
            variables: variables.into_iter().chain(common.clone()).collect(),
            file,
        };
        let by_variables = vec![
            ("OIDC_ISSUER_URL", keycloak.issuer()),
            ("OIDC_CLIENT_ID", MAPPED.to_owned()),
            ("OIDC_CLIENT_SECRET", mapped_secret),
        ];
        let by_file = vec![
            ("OIDC_CLIENT_SECRET", defaults_secret),
            // Short, so that the client comes to refresh by itself.
            ("ACCESS_TOKEN_TTL_SECONDS", "60".to_owned()),
        ];
        let file = configuration(&keycloak.issuer());
        let mapped = Server::start(options("mapped", mapped, by_variables, None), &secrets).await?;
        let defaults = options("defaults", defaults, by_file, Some(file));
        let defaults = Server::start(defaults, &secrets).await?;
        let log = folders.logs.join("browser.log");
        let browser = Browser::start(workspace, node, browser, &folders.screenshots, &log).await?;
        Ok(Self {
            keycloak,
            _kestra: kestra,
            mapped,
            defaults,
            browser,
            secrets,
            passwords,
            tokens,
            _collector: collector,
        })
    }

    /// The conversation of the Python client with the server `defaults`.
    pub(crate) fn script(
        &self,
        workspace: &Workspace,
        interpreter: &Path,
        folders: &Folders,
        given: &Path,
    ) -> Script {
        let [ada, ben, _] = &self.passwords;
        let [token_of_ada, token_of_ben] = &self.tokens;
        Script::new(workspace, interpreter, "http_client.py")
            .variable("KESTRA_E2E_MCP", &self.defaults.mcp())
            .variable("KESTRA_E2E_BROWSER", self.browser.address())
            .variable("KESTRA_E2E_KEYCLOAK", &self.keycloak.origin())
            .variable("KESTRA_E2E_CLIENT", DEFAULTS)
            .variable("KESTRA_E2E_SECRETS", &given.to_string_lossy())
            .secret("KESTRA_E2E_ADMIN_PASSWORD", self.keycloak.administrator())
            .secret("KESTRA_E2E_ADA_PASSWORD", ada)
            .secret("KESTRA_E2E_BEN_PASSWORD", ben)
            .secret("KESTRA_E2E_ADA_TOKEN", token_of_ada)
            .secret("KESTRA_E2E_BEN_TOKEN", token_of_ben)
            .transcript_file(&folders.logs.join("python.txt"))
    }

    /// Name and password.
    pub(crate) fn account(&self, user: &'static str) -> (&'static str, &str) {
        let all = PEOPLE.iter().zip(&self.passwords);
        let found = all.into_iter().find(|(name, _)| **name == user);
        (user, found.map_or("", |(_, password)| password.as_str()))
    }

    /// Ends all of it; the databases.
    pub(crate) async fn end(self, checks: &mut Checks) -> Vec<PathBuf> {
        let mut databases = Vec::new();
        let secrets = &self.secrets;
        checks
            .check(
                "the browser hands in its cookies",
                self.browser.end(secrets),
            )
            .await;
        for server in [self.mapped, self.defaults] {
            let ended = checks.check("a server that is told to end ends well", server.stop());
            databases.extend(ended.await);
        }
        let mut keycloak = self.keycloak;
        checks.check("Keycloak ends", keycloak.stop()).await;
        databases
    }
}

/// A Kestra that knows Ada and Ben.
async fn kestra(tokens: &[String; 2]) -> anyhow::Result<Simulator> {
    let people = tokens.iter().zip(PEOPLE);
    let people = people.map(|(token, user)| Holder::new(token, &format!("{user}@example.test")));
    let settings = Settings {
        clock: Clock::system(),
        edition: Edition::Enterprise,
        auth: Auth::People(people.collect()),
        ..Settings::new(Dialect::V2_0)
    };
    let kestra = Simulator::start(settings).await?;
    kestra.save_flow(FLOW).context("a flow")?;
    Ok(kestra)
}

fn realm(passwords: &[String; 3], secrets: &[String; 2], ports: [u16; 2]) -> Realm {
    let names = ["E2E_ADA_PASSWORD", "E2E_BEN_PASSWORD", "E2E_CLEO_PASSWORD"];
    let callbacks = ports.map(|port| format!("{}/auth/callback", server::origin(port)));
    let variables = names.into_iter().zip(passwords.clone());
    let variables = variables
        .chain(
            ["E2E_MAPPED_SECRET", "E2E_DEFAULTS_SECRET"]
                .into_iter()
                .zip(secrets.clone()),
        )
        .chain(
            ["E2E_MAPPED_CALLBACK", "E2E_DEFAULTS_CALLBACK"]
                .into_iter()
                .zip(callbacks),
        );
    Realm {
        variables: variables.collect(),
    }
}

/// What an operator writes for a Keycloak client as it is made.
fn configuration(issuer: &str) -> String {
    format!(
        "[[identity_provider]]
id = \"keycloak\"
issuer = \"{issuer}\"
client_id = \"{DEFAULTS}\"
client_secret_env = \"OIDC_CLIENT_SECRET\"
scopes = [\"openid\", \"profile\", \"offline_access\"]
sources = [\"id_token\", \"access_token_jwt\"]
role_rule = [{{ path = [\"resource_access\", \"{DEFAULTS}\", \"roles\"] }}]
"
    )
}
