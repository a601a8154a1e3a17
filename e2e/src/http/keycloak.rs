//! A real Keycloak, from Maven Central, below the target folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::process::Command;

use super::loopback::{free_port, http_client};
use super::process::Process;
use super::secrets::Secrets;
use super::wait::until_answers;
use crate::maven::{self, run};
use crate::python::Python;
use crate::workspace::Workspace;

const VERSION: &str = "26.6.4";
/// Of the zip.
const SHA256: &str = "b00d79ca3afd94bf431d2c3afb2a5af695da813017c434de7240790de6490779";
/// The realm, with variables in place of secrets and URLs.
const REALM: &str = include_str!("../../keycloak/realm.json");
/// For it to answer after a start: the first one fills a database.
const PATIENCE: Duration = Duration::from_mins(4);

/// The two clients of this server in the realm.
pub(crate) const MAPPED: &str = "kestra-mcp-mapped";
/// As Keycloak makes one.
pub(crate) const DEFAULTS: &str = "kestra-mcp-defaults";

/// An installation.
#[derive(Debug)]
pub(crate) struct Installed {
    folder: PathBuf,
}

/// What the realm file leaves open.
#[derive(Clone, Debug)]
pub(crate) struct Realm {
    /// Variables of the realm file, with their values.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// One that runs, until it is dropped.
#[derive(Debug)]
pub(crate) struct Keycloak {
    folder: PathBuf,
    log: PathBuf,
    port: u16,
    realm: Realm,
    administrator: String,
    http: reqwest::Client,
    process: Option<Process>,
}

impl Installed {
    /// Brings it and prepares its start, once; none where there is no Maven or no Java.
    pub(crate) async fn install(
        workspace: &Workspace,
        python: &Python<'_>,
    ) -> anyhow::Result<Option<Self>> {
        let scratch = workspace.scratch().join("keycloak");
        let folder = scratch.join(format!("keycloak-{VERSION}"));
        let installed = scratch.join("installed.txt");
        let pin = format!("{VERSION} {SHA256}");
        if std::fs::read_to_string(&installed).is_ok_and(|text| text == pin) {
            return Ok(Some(Self { folder }));
        }
        if !maven::is_installed().await {
            return Ok(None);
        }
        println!("Keycloak {VERSION}");
        if scratch.exists() {
            std::fs::remove_dir_all(&scratch)?;
        }
        std::fs::create_dir_all(&scratch)?;
        let repository = scratch.join("maven");
        let artifact = format!("org.keycloak:keycloak-quarkus-dist:{VERSION}:zip");
        maven::copy(&artifact, &scratch, &repository).await?;
        let zip = scratch.join(format!("keycloak-quarkus-dist-{VERSION}.zip"));
        run(Command::new(python.program())
            .arg(workspace.root().join("e2e/python/unpack.py"))
            .args([zip.as_path(), Path::new(SHA256), &scratch]))
        .await?;
        std::fs::remove_file(zip)?;
        std::fs::remove_dir_all(repository)?;
        run(Command::new("sh")
            .args(["bin/kc.sh", "build", "--db=dev-file"])
            .stdout(Stdio::null())
            .current_dir(&folder))
        .await?;
        std::fs::write(installed, pin)?;
        Ok(Some(Self { folder }))
    }

    /// Starts it with an empty database and the realm.
    pub(crate) async fn start(
        self,
        realm: Realm,
        secrets: &Secrets,
        log: &Path,
    ) -> anyhow::Result<Keycloak> {
        let data = self.folder.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let import = data.join("import");
        std::fs::create_dir_all(&import)?;
        std::fs::write(import.join("realm.json"), REALM)?;
        let mut keycloak = Keycloak {
            folder: self.folder,
            log: log.to_owned(),
            port: free_port()?,
            realm,
            administrator: secrets.random("password of Keycloak's administrator")?,
            http: http_client()?,
            process: None,
        };
        keycloak.resume().await?;
        Ok(keycloak)
    }
}

impl Keycloak {
    /// The issuer of the realm.
    pub(crate) fn issuer(&self) -> String {
        format!("{}/realms/e2e", self.origin())
    }

    /// Its own address.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The password of the user `admin`.
    pub(crate) fn administrator(&self) -> &str {
        &self.administrator
    }

    /// Ends it; what it knows stays in its database.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(process) = self.process.take() {
            process.stop().await?;
        }
        Ok(())
    }

    /// Starts it, at the same address, and waits until it answers.
    pub(crate) async fn resume(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new("sh");
        command
            .args(["bin/kc.sh", "start", "--optimized", "--import-realm"])
            .args(["--http-enabled=true", "--hostname-strict=false"])
            .args(["--http-host=127.0.0.1", "--cache=local"])
            .arg(format!("--http-port={}", self.port))
            .env("KC_BOOTSTRAP_ADMIN_USERNAME", "admin")
            .env("KC_BOOTSTRAP_ADMIN_PASSWORD", &self.administrator)
            // It lives for minutes: the second compiler would not pay.
            .env("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1")
            .envs(self.realm.variables.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(&self.log)?,
            );
        let mut process = Process::start(&mut command, &self.log)?;
        let discovery = format!("{}/.well-known/openid-configuration", self.issuer());
        let answers = until_answers(&self.http, &discovery);
        tokio::select! {
            answered = tokio::time::timeout(PATIENCE, answers) => answered.context("Keycloak does not answer")?,
            ended = process.child.wait() => anyhow::bail!("Keycloak ended: {}", ended?),
        }
        self.process = Some(process);
        Ok(())
    }

    /// Takes a role of a client away from a person.
    pub(crate) async fn remove_role(
        &self,
        user: &str,
        client: &str,
        role: &str,
    ) -> anyhow::Result<()> {
        let user = self.user(user).await?;
        let found = self.get(&format!("clients?clientId={client}")).await?;
        let client = text(&found, "/0/id")?;
        let role = self.get(&format!("clients/{client}/roles/{role}")).await?;
        let roles = json!([{ "id": text(&role, "/id")?, "name": text(&role, "/name")? }]);
        let path = format!("users/{user}/role-mappings/clients/{client}");
        self.manage(Method::DELETE, &path, Some(roles)).await?;
        Ok(())
    }

    /// Shuts a person out.
    pub(crate) async fn disable(&self, user: &str) -> anyhow::Result<()> {
        let user = self.user(user).await?;
        let disabled = json!({ "enabled": false });
        self.manage(Method::PUT, &format!("users/{user}"), Some(disabled))
            .await?;
        Ok(())
    }

    async fn user(&self, name: &str) -> anyhow::Result<String> {
        let path = format!("users?exact=true&username={name}");
        text(&self.get(&path).await?, "/0/id")
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.manage(Method::GET, path, None).await?;
        Ok(answer.json().await?)
    }

    async fn manage(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Response> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", "admin"),
            ("password", &self.administrator),
        ];
        let token = format!(
            "{}/realms/master/protocol/openid-connect/token",
            self.origin()
        );
        let token = self.http.post(token).form(&form).send().await?;
        let token: Value = token.error_for_status()?.json().await?;
        let token = text(&token, "/access_token")?;
        let address = format!("{}/admin/realms/e2e/{path}", self.origin());
        let mut request = self.http.request(method, address).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Ok(request.send().await?.error_for_status()?)
    }
}

fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    let text = text.with_context(|| format!("Keycloak's answer has no {pointer}"))?;
    Ok(text.to_owned())
}
