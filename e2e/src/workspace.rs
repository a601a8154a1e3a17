//! Where things are, and the server itself.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::environment::variable;

/// This checkout.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) async fn find() -> anyhow::Result<Self> {
        let output = cargo()
            .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
            .args([
                "--manifest-path",
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .context("cargo cannot be run")?
            .wait_with_output()
            .await?;
        ensure!(output.status.success(), "cargo metadata failed");
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let path = |key: &str| {
            let text = metadata.get(key).and_then(Value::as_str);
            text.map(PathBuf::from)
                .with_context(|| format!("cargo names no {key}"))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
        })
    }

    /// The root of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A folder of our own below cargo's.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target.join("e2e")
    }

    /// Builds what people install, and says where it is; `KESTRA_E2E_SERVER` names one that is built.
    pub(crate) async fn build(&self) -> anyhow::Result<PathBuf> {
        if let Some(built) = variable("KESTRA_E2E_SERVER") {
            return Ok(PathBuf::from(built));
        }
        let release = ["--release", "--package", "kestra-mcp"];
        self.executable(
            "kestra-mcp",
            &[&release[..], &["--bin", "kestra-mcp"]].concat(),
        )
        .await
    }

    /// Builds the demo, of the same parts as the tests, and says where it is.
    pub(crate) async fn demo(&self) -> anyhow::Result<PathBuf> {
        self.executable("demo", &["--workspace", "--example", "demo"])
            .await
    }

    async fn executable(&self, name: &str, arguments: &[&str]) -> anyhow::Result<PathBuf> {
        self.executable_in(&self.root, name, arguments).await
    }

    /// Builds a program of a checkout into our target folder, and says where it is.
    pub(crate) async fn executable_in(
        &self,
        checkout: &Path,
        name: &str,
        arguments: &[&str],
    ) -> anyhow::Result<PathBuf> {
        let output = cargo()
            .args(["build", "--locked"])
            .args(arguments)
            .arg("--message-format=json-render-diagnostics")
            .current_dir(checkout)
            .env("CARGO_TARGET_DIR", &self.target)
            .stdout(Stdio::piped())
            .spawn()?
            .wait_with_output()
            .await?;
        ensure!(output.status.success(), "the build of {name} failed");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message.pointer("/target/name") == Some(&name.into()))
            .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
            .context("cargo names no executable")
    }
}

/// The cargo that runs us, else the one on the path; it ends with us.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}
