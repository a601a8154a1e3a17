//! Runs the built server with real clients: `cargo e2e`.
//!
//! Every client is one that this project did not write: the official Python client of MCP, the
//! command line of the MCP Inspector, and Kestra's own SDK, which tells whether the simulator is a
//! Kestra. The HTTP mode is visited with a real Keycloak, which Maven brings, and with a real browser:
//! Chromium, Java 17 or later and Maven are those of this machine, and what the browser saw is in
//! `target/e2e/screenshots`, logs of all processes in `target/e2e/http/logs`. The server's reader of
//! YAML is held against Kestra's, which Maven brings too. The demo runs. A copy of the project whose
//! manifest has more tools is built, and they are called. With `KESTRA_E2E_URL` (and `KESTRA_E2E_USERNAME`,
//! `KESTRA_E2E_PASSWORD` or `KESTRA_E2E_TOKEN`, `KESTRA_E2E_TENANT`) the contract tests and the
//! Python client of MCP also visit that Kestra, in namespaces of their own.
//! `cargo e2e mcp`, `inspector`, `sdk`, `demo`, `growth`, `http`, `yaml` or `live` runs that part alone;
//! `KESTRA_E2E_SERVER` names a server that is built instead of the one that would be.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod demo;
mod environment;
mod growth;
mod http;
mod live;
mod maven;
mod node;
mod python;
mod report;
mod script;
mod simulated;
mod workspace;
mod yaml;

use std::path::Path;
use std::process::ExitCode;

use simulator::{Dialect, Edition};

use environment::variable;
use node::Node;
use python::Python;
use report::Report;
use script::Script;
use simulated::Simulated;
use workspace::Workspace;

#[tokio::main]
async fn main() -> ExitCode {
    let mut report = Report::new(variable("CI").as_deref() == Some("true"));
    if let Err(error) = run(&mut report).await {
        report.failed("e2e", &format!("{error:#}"));
    }
    report.end()
}

/// What can be run by itself.
const PARTS: [&str; 8] = [
    "mcp",
    "inspector",
    "sdk",
    "demo",
    "growth",
    "http",
    "live",
    "yaml",
];

async fn run(report: &mut Report) -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(other) = wanted.iter().find(|part| !PARTS.contains(&part.as_str())) {
        anyhow::bail!("there is no part {other}, only {}", PARTS.join(", "));
    }
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);

    let workspace = Workspace::find().await?;
    if wants("demo") {
        demo::run(&workspace, report).await?;
    }
    if wants("growth") {
        growth::run(&workspace, report).await?;
    }
    if wants("yaml") {
        yaml::run(&workspace, report).await?;
    }
    let Some(python) = Python::find(&workspace).await else {
        let why = "there is no python3 of 3.10 or later with pip";
        report.skipped("Python clients", why);
        return Ok(());
    };
    if wants("sdk") {
        sdk(&workspace, &python, report).await?;
    }
    if wants("http") {
        http::run(&workspace, &python, report).await?;
    }
    if !wants("mcp") && !wants("inspector") && !wants("live") {
        return Ok(());
    }
    let server = workspace.build().await?;
    println!("server: {}", server.display());
    if wants("inspector") {
        inspector(&workspace, &python, &server, report).await?;
    }
    if !wants("mcp") && !wants("live") {
        return Ok(());
    }
    let client = python
        .environment("mcp", &["e2e/requirements.txt"], None)
        .await?;
    if wants("mcp") {
        mcp(&workspace, &client, &server, report).await?;
    }
    if wants("live") {
        live::contracts(&workspace, report).await;
        live::client(&workspace, &client, &server, report).await;
    }
    Ok(())
}

/// Kestra's SDK of each line against the simulator of that line.
async fn sdk(
    workspace: &Workspace,
    python: &Python<'_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    for (line, dialect) in [("1.3", Dialect::V1_3), ("2.0", Dialect::V2_0)] {
        let name = format!("kestrapy-{line}");
        let pin = format!("e2e/{name}.txt");
        let sdk = python
            .environment(&name, &["openapi/requirements.txt"], Some(&pin))
            .await?;
        let kestra = Simulated::start(dialect, Edition::OpenSource).await?;
        Script::new(workspace, &sdk, "sdk_check.py")
            .kestra(&kestra)
            .run(&format!("SDK of {line}, {kestra}"), report)
            .await;
    }
    Ok(())
}

/// The Python client of MCP against the server, on each simulated Kestra.
async fn mcp(
    workspace: &Workspace,
    client: &Path,
    server: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    for (dialect, edition) in [
        (Dialect::V1_3, Edition::OpenSource),
        (Dialect::V2_0Dev, Edition::OpenSource),
        (Dialect::V2_0, Edition::OpenSource),
        (Dialect::V1_3, Edition::Enterprise),
        (Dialect::V2_0, Edition::Enterprise),
    ] {
        let kestra = Simulated::start(dialect, edition).await?;
        Script::new(workspace, client, "mcp_client.py")
            .variable("KESTRA_E2E_BINARY", &server.to_string_lossy())
            .wrong_token()
            .kestra(&kestra)
            .run(&format!("MCP client, {kestra}"), report)
            .await;
    }
    Ok(())
}

/// The MCP Inspector against the server: a process a call, so each line, edition and lifecycle once.
async fn inspector(
    workspace: &Workspace,
    python: &Python<'_>,
    server: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Some(node) = Node::install(workspace).await? else {
        report.skipped("MCP Inspector", "there is no npm");
        return Ok(());
    };
    for (dialect, edition, era) in [
        (Dialect::V1_3, Edition::OpenSource, "legacy"),
        (Dialect::V2_0, Edition::Enterprise, "modern"),
    ] {
        let kestra = Simulated::start(dialect, edition).await?;
        Script::new(workspace, python.program(), "inspector.py")
            .variable("KESTRA_E2E_BINARY", &server.to_string_lossy())
            .variable("KESTRA_E2E_NODE", &node.program()?.to_string_lossy())
            .variable("KESTRA_E2E_INSPECTOR", &node.inspector().to_string_lossy())
            .variable("KESTRA_E2E_ERA", era)
            .wrong_token()
            .kestra(&kestra)
            .run(&format!("MCP Inspector, {kestra}"), report)
            .await;
    }
    Ok(())
}
