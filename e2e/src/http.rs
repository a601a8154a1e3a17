//! The server for a whole company: a real Keycloak, a real browser, and clients that know one address.
//!
//! Two servers run beside one simulated Kestra of the Enterprise edition, each a client of the same
//! realm: `mapped`, set by variables, whose Keycloak client has a mapper that puts roles into the ID
//! token, and `defaults`, set by a file, which reads the roles where Keycloak puts them by itself, in
//! its access token. The SDK's client for Rust speaks with the one, the client for Python with the other.

mod application;
mod checks;
mod conversation;
mod keycloak;
mod listener;
mod outage;
mod pages;
mod person;
mod process;
mod secrets;
mod served;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use simulator::{Auth, Clock, Dialect, Edition, Holder, Settings, Simulator};

use crate::node::Node;
use crate::python::Python;
use crate::report::Report;
use crate::script::Script;
use crate::workspace::Workspace;
use checks::Checks;
use conversation::Conversation;
use keycloak::{DEFAULTS, Installed, Keycloak, MAPPED, Realm, free_port};
use listener::Collector;
use person::Person;
use secrets::Secrets;
use served::{Plan, Served};

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

/// Where the collector of spans keeps them.
const SPANS: &str = "spans";

/// Where things are kept: all that is below `logs` is searched for secrets at the end.
struct Kept {
    folder: PathBuf,
    logs: PathBuf,
    shots: PathBuf,
}

/// Everything that runs.
pub(crate) struct World {
    keycloak: Keycloak,
    _kestra: Simulator,
    mapped: Served,
    defaults: Served,
    person: Person,
    secrets: Secrets,
    /// Passwords at Keycloak, in the order of [`PEOPLE`].
    passwords: [String; 3],
    /// Tokens at Kestra, of Ada and Ben.
    tokens: [String; 2],
    _collector: Collector,
}

/// All of it.
pub(crate) async fn run(
    workspace: &Workspace,
    python: &Python<'_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    const PART: &str = "HTTP with Keycloak";
    let Some(node) = Node::install(workspace).await? else {
        report.skipped(PART, "there is no npm");
        return Ok(());
    };
    let Some(browser) = Person::browser() else {
        report.skipped(PART, "there is no Chromium");
        return Ok(());
    };
    let Some(keycloak) = Installed::install(workspace, python).await? else {
        report.skipped(PART, "there is no Maven or no Java to bring Keycloak with");
        return Ok(());
    };
    let client = python
        .environment("mcp", &["e2e/requirements.txt"], None)
        .await?;
    let server = workspace.build().await?;
    println!("\n== {PART}");
    let kept = Kept::new(workspace)?;
    let mut world = World::start(workspace, &kept, keycloak, (&node, &browser), &server).await?;

    let checks = Checks::new("rmcp  ", &kept.logs.join("rmcp.txt"))?;
    let mut conversation = Conversation::new(&world, checks);
    let given = kept.folder.join("secrets-of-python.txt");
    let script = world.script(workspace, &client, &kept, &given);
    // Each of them waits until its access is old enough to be asked about again: they wait together.
    let (talked, ()) = tokio::join!(
        conversation.run(),
        script.run("Python client over HTTP", report)
    );
    let mut checks = conversation.end();
    if let Some(talked) = talked {
        outage::run(&mut world, talked, &mut checks).await;
    }
    let secrets = world.secrets.clone();
    let read = async { secrets.read("of the Python client", &given) };
    checks
        .check("the Python client names its secrets", read)
        .await;
    let databases = world.end(&mut checks).await;
    searched(&secrets, &kept, &databases, &mut checks).await;
    checks.end(PART, report);
    println!("screenshots: {}", kept.shots.display());
    println!("logs:        {}", kept.logs.display());
    Ok(())
}

/// No secret stands where it should not.
async fn searched(secrets: &Secrets, kept: &Kept, databases: &[PathBuf], checks: &mut Checks) {
    let logs = async {
        let spans = std::fs::metadata(kept.logs.join(SPANS))?.len();
        anyhow::ensure!(spans > 0, "the collector got no span");
        let (bytes, found) = secrets.search(&kept.logs, &[])?;
        anyhow::ensure!(found.is_empty(), "{}", found.join("; "));
        Ok(bytes)
    };
    let name = "no log, transcript or span holds a secret";
    if let Some(bytes) = checks.check(name, logs).await {
        let count = secrets.len();
        checks.say(&format!("       {count} secrets, {} KiB", bytes >> 10));
    }
    let sealed = async {
        let rows = kept.folder.join("rows");
        std::fs::create_dir(&rows)?;
        for database in databases {
            let name = database.file_name().context("a database without a name")?;
            std::fs::copy(database, rows.join(name))?;
        }
        // The state of a client is the client's, which gets it back as it was.
        let (bytes, found) = secrets.search(&rows, &["state of an address"])?;
        anyhow::ensure!(bytes > 0, "there are no rows");
        anyhow::ensure!(found.is_empty(), "{}", found.join("; "));
        Ok(())
    };
    checks
        .check("no database holds a secret in clear", sealed)
        .await;
}

impl Kept {
    fn new(workspace: &Workspace) -> std::io::Result<Self> {
        let folder = workspace.scratch().join("http");
        let kept = Self {
            logs: folder.join("logs"),
            shots: workspace.scratch().join("screenshots"),
            folder,
        };
        for old in [&kept.folder, &kept.shots] {
            if old.exists() {
                std::fs::remove_dir_all(old)?;
            }
        }
        std::fs::create_dir_all(&kept.logs)?;
        std::fs::create_dir_all(&kept.shots)?;
        Ok(kept)
    }
}

impl World {
    async fn start(
        workspace: &Workspace,
        kept: &Kept,
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
        let log = kept.logs.join("keycloak.log");
        let keycloak = keycloak.start(realm, &secrets, &log).await?;
        let kestra = kestra(&tokens).await?;
        let collector = Collector::start(&kept.logs.join(SPANS)).await?;
        let common = [
            ("KESTRA_API_URL", kestra.url()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin().to_owned()),
        ];
        let [mapped_secret, defaults_secret] = client_secrets;
        let plan = |name, port, variables: Vec<_>, file| Plan {
            name,
            program: server,
            port,
            folder: &kept.folder,
            logs: &kept.logs,
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
        let mapped = Served::start(plan("mapped", mapped, by_variables, None), &secrets).await?;
        let defaults = plan("defaults", defaults, by_file, Some(file));
        let defaults = Served::start(defaults, &secrets).await?;
        let log = kept.logs.join("browser.log");
        let person = Person::start(workspace, node, browser, &kept.shots, &log).await?;
        Ok(Self {
            keycloak,
            _kestra: kestra,
            mapped,
            defaults,
            person,
            secrets,
            passwords,
            tokens,
            _collector: collector,
        })
    }

    /// The conversation of the Python client with the server `defaults`.
    fn script(
        &self,
        workspace: &Workspace,
        interpreter: &Path,
        kept: &Kept,
        given: &Path,
    ) -> Script {
        let [ada, ben, _] = &self.passwords;
        let [token_of_ada, token_of_ben] = &self.tokens;
        Script::new(workspace, interpreter, "http_client.py")
            .variable("KESTRA_E2E_MCP", &self.defaults.mcp())
            .variable("KESTRA_E2E_PERSON", self.person.address())
            .variable("KESTRA_E2E_KEYCLOAK", &self.keycloak.origin())
            .variable("KESTRA_E2E_CLIENT", DEFAULTS)
            .variable("KESTRA_E2E_SECRETS", &given.to_string_lossy())
            .secret("KESTRA_E2E_ADMIN_PASSWORD", self.keycloak.administrator())
            .secret("KESTRA_E2E_ADA_PASSWORD", ada)
            .secret("KESTRA_E2E_BEN_PASSWORD", ben)
            .secret("KESTRA_E2E_ADA_TOKEN", token_of_ada)
            .secret("KESTRA_E2E_BEN_TOKEN", token_of_ben)
            .kept(&kept.logs.join("python.txt"))
    }

    /// Name and password.
    pub(crate) fn account(&self, user: &'static str) -> (&'static str, &str) {
        let all = PEOPLE.iter().zip(&self.passwords);
        let found = all.into_iter().find(|(name, _)| **name == user);
        (user, found.map_or("", |(_, password)| password.as_str()))
    }

    /// Ends all of it; the databases.
    async fn end(self, checks: &mut Checks) -> Vec<PathBuf> {
        let mut databases = Vec::new();
        let secrets = &self.secrets;
        checks
            .check("the browser hands in its cookies", self.person.end(secrets))
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
    let callbacks = ports.map(|port| format!("{}/auth/callback", served::origin(port)));
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

/// A client without a proxy, for this machine.
fn client() -> anyhow::Result<reqwest::Client> {
    let client = reqwest::Client::builder().no_proxy();
    let client = client.redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(Duration::from_mins(1)).build()?)
}

/// Waits until the address answers well.
async fn until_answers(http: &reqwest::Client, address: &str) {
    loop {
        let answer = http.get(address).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Where an account page of that server is, without a ticket.
pub(crate) fn account_page(server: &Served) -> String {
    format!("{}/account", server.origin())
}
