//! The server over stdio, with the SDK's client for Rust.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RunningService, ServiceError};
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::{Map, Value, json};
use simulator::Auth;
use tokio::process::{Child, Command};

use crate::simulated::Simulated;

/// For an answer, and for an end.
const PATIENCE: Duration = Duration::from_secs(30);

/// One that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    client: RunningService<RoleClient, ()>,
    process: Child,
    log: PathBuf,
    secret: String,
}

/// What a tool answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Its result.
    Success(Value),
    /// Its error, or that of the protocol.
    Error(Value),
}

impl Server {
    /// Starts it on a Kestra.
    pub(crate) async fn start(
        program: &Path,
        kestra: &Simulated,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg("stdio").env_clear();
        for name in ["PATH", "HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let secret = match kestra.auth() {
            Auth::Basic { username, password } => {
                command.env("KESTRA_USERNAME", username);
                command.env("KESTRA_PASSWORD", password);
                password
            }
            Auth::Bearer { token } => {
                command.env("KESTRA_API_TOKEN", token);
                token
            }
            Auth::People(_) => anyhow::bail!("there is nobody in particular"),
        };
        let mut process = command
            .env("KESTRA_API_URL", kestra.url())
            .env("KESTRA_MCP_LOG", "debug")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?)
            .kill_on_drop(true)
            .spawn()
            .context("the server cannot be started")?;
        let output = process.stdout.take().context("its output is not piped")?;
        let input = process.stdin.take().context("its input is not piped")?;
        let served = tokio::time::timeout(PATIENCE, ().serve((output, input))).await;
        Ok(Self {
            client: served.context("the server does not answer")??,
            process,
            log: log.to_owned(),
            secret: secret.clone(),
        })
    }

    /// The names of the tools that it lists.
    pub(crate) async fn tools(&self) -> anyhow::Result<Vec<String>> {
        let tools = self.client.list_all_tools().await?;
        Ok(tools
            .into_iter()
            .map(|tool| tool.name.into_owned())
            .collect())
    }

    /// Calls a tool.
    pub(crate) async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
    ) -> anyhow::Result<Answer> {
        let call = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let result = tokio::time::timeout(PATIENCE, self.client.call_tool(call)).await;
        let result = match result.context("no answer")? {
            Ok(result) => result,
            Err(ServiceError::McpError(error)) => {
                let error = json!({ "code": error.code.0, "message": error.message });
                return Ok(Answer::Error(error));
            }
            Err(other) => return Err(other.into()),
        };
        let content = result.structured_content.context("no content")?;
        let text = content.to_string();
        ensure!(
            !text.contains(&self.secret),
            "its answer holds the credential"
        );
        let shown = result.content.first().and_then(|part| part.as_text());
        let shown = shown.context("no text")?;
        let shown: Value = serde_json::from_str(&shown.text).context("its text is not JSON")?;
        ensure!(
            shown == content,
            "its text is another: {shown}, not {content}"
        );
        if result.is_error != Some(true) {
            return Ok(Answer::Success(content));
        }
        let error = content.pointer("/error").cloned();
        Ok(Answer::Error(error.context("no error")?))
    }

    /// Ends its input, and reads its log.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        self.client.cancel().await?;
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        let status = ended.context("it does not end")??;
        ensure!(status.success(), "it ended with {status}");
        let log = std::fs::read_to_string(&self.log)?;
        ensure!(
            !log.contains(&self.secret),
            "{} holds the credential",
            self.log.display()
        );
        Ok(())
    }
}
