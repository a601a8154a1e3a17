//! Growth by manifest alone: tools that the product does not have are appended to the manifest of a
//! scratch copy, which is built and called over stdio on simulated Kestras of each line.
//!
//! The tools are those of codegen's tests; what each answers and sends is data, a file a tool
//! (`e2e/growth/`). Nothing here knows a tool.

mod case;
mod pattern;
mod request;
mod runner;
mod scratch;
mod server;
mod step;

use std::path::Path;

use anyhow::{Context as _, ensure};
use simulator::{Dialect, Edition};
use tokio::time::Instant;

use crate::report::Report;
use crate::simulated::Simulated;
use crate::workspace::Workspace;

use case::Tool;
use runner::Runner;
use scratch::Scratch;
use server::Server;

/// Each Kestra on which the tools are called.
const KESTRAS: [(Dialect, Edition); 5] = [
    (Dialect::V1_3, Edition::OpenSource),
    (Dialect::V2_0Dev, Edition::OpenSource),
    (Dialect::V2_0, Edition::OpenSource),
    (Dialect::V1_3, Edition::Enterprise),
    (Dialect::V2_0, Edition::Enterprise),
];

/// Builds the copy and plays every case on every Kestra that it is for.
pub(crate) async fn run(workspace: &Workspace, report: &mut Report) -> anyhow::Result<()> {
    println!("\n== growth");
    let since = Instant::now();
    let scratch = Scratch::copy(workspace)?;
    let tools = tools(workspace.root(), scratch.tools())?;
    let program = scratch.build(workspace).await?;
    println!("built in {} s", since.elapsed().as_secs());
    for (dialect, edition) in KESTRAS {
        let kestra = Simulated::start(dialect, edition).await?;
        let part = format!("growth, {kestra}");
        println!("\n== {part}");
        let since = Instant::now();
        let log = scratch.log(&kestra);
        let server = Server::start(&program, &kestra, &log).await?;
        let runner = Runner::new(workspace.root(), &kestra, &server, dialect)?;
        let mut tally = Tally::default();
        let offered = offered(&server, &tools, edition).await;
        tally.count("each tool is offered where its Kestra has it", offered);
        let mut calls = Vec::new();
        for tool in &tools {
            calls.extend(run_cases(&runner, tool, edition, &mut tally).await);
        }
        tally.count(
            "the server ends well, and its log holds no credential",
            server.end().await,
        );
        println!(
            "{} passed, {} failed in {} ms",
            tally.passed,
            tally.failed,
            since.elapsed().as_millis()
        );
        report.add(tally.passed, tally.failed);
        report.add_calls(&part, calls);
        if tally.failed > 0 {
            println!("FAILED {part}: {} checks", tally.failed);
        }
    }
    Ok(())
}

/// The cases of every tool that was added: there is no tool without, and none for another.
fn tools(root: &Path, added: &[String]) -> anyhow::Result<Vec<Tool>> {
    let tools = Tool::all(&root.join("e2e/growth"))?;
    let mut named: Vec<&String> = tools.iter().map(|tool| &tool.name).collect();
    let mut added: Vec<&String> = added.iter().collect();
    named.sort();
    added.sort();
    ensure!(
        named == added,
        "there are cases for {named:?}, and these tools were added: {added:?}"
    );
    Ok(tools)
}

/// Whether what is added is listed, but for what this Kestra has not.
async fn offered(server: &Server, tools: &[Tool], edition: Edition) -> anyhow::Result<()> {
    let listed = server.tools().await?;
    for tool in tools {
        let there = listed.contains(&tool.name);
        let wanted = edition == Edition::Enterprise || !tool.enterprise();
        ensure!(there == wanted, "{} among {listed:?}: {there}", tool.name);
    }
    Ok(())
}

/// Plays the cases of one tool; what it was called for, a line.
async fn run_cases(
    runner: &Runner<'_>,
    tool: &Tool,
    edition: Edition,
    tally: &mut Tally,
) -> Option<String> {
    let (mut answered, mut refused) = (0_u32, 0_u32);
    for (number, case) in tool.cases(edition).enumerate() {
        let name = format!("{}: {}", tool.name, case.about);
        let outcome = runner.run(tool, number, case).await;
        tally.count(&name, outcome.context("the case"));
        if case.answer.is_some() {
            answered += 1;
        } else {
            refused += 1;
        }
    }
    let name = &tool.name;
    (answered + refused > 0).then(|| format!("{name}: {answered} answered, {refused} refused"))
}

/// Checks that passed and checks that failed.
#[derive(Debug, Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    fn count(&mut self, name: &str, outcome: anyhow::Result<()>) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("  ok   {name}");
            }
            Err(error) => {
                self.failed += 1;
                println!("  FAIL {name}: {error:#}");
            }
        }
    }
}
