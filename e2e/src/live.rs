//! What needs a real Kestra, named by `KESTRA_E2E_URL`.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::environment::variable;
use crate::report::Report;
use crate::script::Script;
use crate::workspace::{Workspace, cargo};

/// The contract tests, as far as they need no faults.
pub(crate) async fn contracts(workspace: &Workspace, report: &mut Report) {
    if variable("KESTRA_E2E_URL").is_none() {
        Report::not_requested(
            "contract tests on a real Kestra",
            "set KESTRA_E2E_URL to run them",
        );
        return;
    }
    println!("\n== contract tests, {}", address());
    match tests(workspace).await {
        Ok((0, 0)) => report.failed("contract tests", "no test was run"),
        Ok((passed, failed)) => report.add(passed, failed),
        Err(error) => report.failed("contract tests", &format!("{error:#}")),
    }
}

/// The MCP client, in a namespace of its own.
pub(crate) async fn client(
    workspace: &Workspace,
    interpreter: &Path,
    server: &Path,
    report: &mut Report,
) {
    let Some(url) = variable("KESTRA_E2E_URL") else {
        Report::not_requested(
            "MCP client on a real Kestra",
            "set KESTRA_E2E_URL to run it",
        );
        return;
    };
    let mut script = Script::new(workspace, interpreter, "mcp_client.py")
        .variable("KESTRA_E2E_BINARY", &server.to_string_lossy())
        .variable("KESTRA_E2E_URL", &url)
        .wrong_token();
    for name in ["KESTRA_E2E_USERNAME", "KESTRA_E2E_TENANT"] {
        if let Some(value) = variable(name) {
            script = script.variable(name, &value);
        }
    }
    for name in ["KESTRA_E2E_PASSWORD", "KESTRA_E2E_TOKEN"] {
        if let Some(value) = variable(name) {
            script = script.secret(name, &value);
        }
    }
    script
        .run(&format!("MCP client, {}", address()), report)
        .await;
}

fn address() -> String {
    variable("KESTRA_E2E_URL").unwrap_or_default()
}

/// Runs them; what passed and what failed.
async fn tests(workspace: &Workspace) -> anyhow::Result<(u32, u32)> {
    let mut child = cargo()
        .args([
            "test",
            "--locked",
            "--features",
            "live-tests",
            "--test",
            "it",
        ])
        .args(["live", "--", "--nocapture", "--test-threads=1"])
        .current_dir(workspace.root())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("its output is not piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let mut counts = None;
    while let Some(line) = lines.next_line().await? {
        println!("{line}");
        counts = result(&line).or(counts);
    }
    let status = child.wait().await?;
    counts.with_context(|| format!("cargo test ended early: {status}"))
}

/// `test result: ok. 5 passed; 0 failed; …`
fn result(line: &str) -> Option<(u32, u32)> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut parts = counts.split("; ");
    let passed = parts.next()?.strip_suffix(" passed")?;
    let failed = parts.next()?.strip_suffix(" failed")?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::result;

    #[test]
    fn the_result_of_a_test_run_is_read() {
        let line = "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out";
        assert_eq!(result(line), Some((5, 2)));
        assert_eq!(result("running 5 tests"), None);
    }
}
