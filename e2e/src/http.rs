//! The server for a whole company: a real Keycloak, a real browser, and clients that know one address.
//!
//! Two servers run beside one simulated Kestra of the Enterprise edition, each a client of the same
//! realm: `mapped`, set by variables, whose Keycloak client has a mapper that puts roles into the ID
//! token, and `defaults`, set by a file, which reads the roles where Keycloak puts them by itself, in
//! its access token. The SDK's client for Rust speaks with the one, the client for Python with the other.

mod account;
mod browser;
mod checks;
mod client;
mod conversation;
mod deployment;
mod folders;
mod keycloak;
mod listener;
mod loopback;
mod outage;
mod pages;
mod process;
mod roles;
mod secrets;
mod server;
mod wait;

use std::path::PathBuf;

use anyhow::Context as _;

use crate::node::Node;
use crate::python::Python;
use crate::report::Report;
use crate::workspace::Workspace;
use browser::Browser;
use checks::Checks;
use conversation::Conversation;
use deployment::Deployment;
use folders::{Folders, SPANS};
use keycloak::Installed;
use secrets::Secrets;

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
    let Some(browser) = Browser::find() else {
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
    let folders = Folders::new(workspace)?;
    let mut deployment =
        Deployment::start(workspace, &folders, keycloak, (&node, &browser), &server).await?;

    let checks = Checks::new("rmcp  ", &folders.logs.join("rmcp.txt"))?;
    let mut conversation = Conversation::new(&deployment, checks);
    let given = folders.folder.join("secrets-of-python.txt");
    let script = deployment.script(workspace, &client, &folders, &given);
    // Each of them waits until its access is old enough to be asked about again: they wait together.
    let (connected, ()) = tokio::join!(
        conversation.run(),
        script.run("Python client over HTTP", report)
    );
    let mut checks = conversation.end();
    if let Some(connected) = connected {
        outage::run(&mut deployment, connected, &mut checks).await;
    }
    let secrets = deployment.secrets.clone();
    let read = async { secrets.read("of the Python client", &given) };
    checks
        .check("the Python client names its secrets", read)
        .await;
    let databases = deployment.end(&mut checks).await;
    search_for_secrets(&secrets, &folders, &databases, &mut checks).await;
    checks.end(PART, report);
    println!("screenshots: {}", folders.screenshots.display());
    println!("logs:        {}", folders.logs.display());
    Ok(())
}

/// No secret stands where it should not.
async fn search_for_secrets(
    secrets: &Secrets,
    folders: &Folders,
    databases: &[PathBuf],
    checks: &mut Checks,
) {
    let logs = async {
        let spans = std::fs::metadata(folders.logs.join(SPANS))?.len();
        anyhow::ensure!(spans > 0, "the collector got no span");
        let (bytes, found) = secrets.search(&folders.logs, &[])?;
        anyhow::ensure!(found.is_empty(), "{}", found.join("; "));
        Ok(bytes)
    };
    let name = "no log, transcript or span holds a secret";
    if let Some(bytes) = checks.check(name, logs).await {
        let count = secrets.len();
        checks.log(&format!("       {count} secrets, {} KiB", bytes >> 10));
    }
    let sealed = async {
        let rows = folders.folder.join("rows");
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
