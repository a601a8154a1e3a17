//! The built server in HTTP mode.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::process::Command;

use super::loopback::http_client;
use super::process::Process;
use super::secrets::Secrets;
use super::wait::until_answers;

/// For it to answer after its start.
const PATIENCE: Duration = Duration::from_mins(1);
/// Everything: no level of the log may hold a secret.
const LOG: &str = "trace";

/// What a server is started with.
#[derive(Debug)]
pub(crate) struct Options<'a> {
    /// Names its log and its database.
    pub(crate) name: &'static str,
    /// The program.
    pub(crate) program: &'a Path,
    /// Where it listens.
    pub(crate) port: u16,
    /// Where its files are.
    pub(crate) folder: &'a Path,
    /// Where logs are.
    pub(crate) logs: &'a Path,
    /// Settings as variables.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// The configuration file, if it has one.
    pub(crate) file: Option<String>,
}

/// One that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    origin: String,
    database: PathBuf,
    process: Process,
}

/// Where one that listens on that port is reached.
pub(crate) fn origin(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

impl Server {
    /// Starts it with an empty database and a new key.
    pub(crate) async fn start(options: Options<'_>, secrets: &Secrets) -> anyhow::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let key = STANDARD.encode(key);
        secrets.add("encryption key", &key);
        let database = options.folder.join(format!("{}.db", options.name));
        let mut command = Command::new(options.program);
        command.arg("serve").env_clear();
        for name in ["PATH", "HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(text) = &options.file {
            let file = options.folder.join(format!("{}.toml", options.name));
            std::fs::write(&file, text)?;
            command.arg("--config").arg(file);
        }
        command
            .env("ENCRYPTION_KEYS", key)
            .env("KESTRA_TOKEN_STORE", &database)
            .env("KESTRA_MCP_PORT", options.port.to_string())
            .env("KESTRA_MCP_METRICS", "off")
            .env("KESTRA_MCP_CLIENT_DOCUMENTS", "on")
            .env("KESTRA_MCP_LOG", LOG)
            .envs(options.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let log = options.logs.join(format!("server-{}.log", options.name));
        let mut process = Process::start(&mut command, &log)?;
        let origin = origin(options.port);
        let http = http_client()?;
        let ready = format!("{origin}/readyz");
        let answers = until_answers(&http, &ready);
        tokio::select! {
            answered = tokio::time::timeout(PATIENCE, answers) => answered.context("the server does not answer")?,
            ended = process.child.wait() => bail!("the server ended with {}: see {}", ended?, log.display()),
        }
        Ok(Self {
            origin,
            database,
            process,
        })
    }

    /// Its public address.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// All that a client is told.
    pub(crate) fn mcp(&self) -> String {
        format!("{}/mcp", self.origin)
    }

    /// Its account page, without a ticket.
    pub(crate) fn account_page(&self) -> String {
        format!("{}/account", self.origin)
    }

    /// Tells it to end, which it does well; its database, with what belongs to it.
    pub(crate) async fn stop(self) -> anyhow::Result<PathBuf> {
        let status = self.process.stop().await?;
        ensure!(status.success(), "it ended with {status}");
        Ok(self.database)
    }
}
