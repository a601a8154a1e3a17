//! The server for a whole company: a real Keycloak, a real browser, and clients that know one address.
//!
//! Two servers run beside one simulated Kestra of the Enterprise edition, each a client of the same
//! realm: `mapped`, set by variables, whose Keycloak client has a mapper that puts roles into the ID
//! token, and `defaults`, set by a file, which reads the roles where Keycloak puts them by itself, in
//! its access token. The SDK's client for Rust speaks with the one, the client for Python with the other.

mod account;
mod application;
mod browser;
mod checks;
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
use browser::Person;
use checks::Checks;
use conversation::Conversation;
use deployment::World;
use folders::{Kept, SPANS};
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
