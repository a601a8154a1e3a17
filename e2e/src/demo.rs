//! The demo: it runs, and shows what it is there to show.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::report::Report;
use crate::workspace::Workspace;

/// What it shows to one person, in this order.
const LOCAL: &[(&str, &str)] = &[
    ("the tools", "  create_or_update_flow "),
    ("the flows", "flow_id: daily-report"),
    ("a run that succeeds", "state: SUCCESS"),
    ("why a run failed", "orders-2026-01-05.csv is missing"),
    ("a near miss", "code: NOT_FOUND"),
    ("a flow that is created", "outcome: created"),
    ("that nothing is overwritten", "code: CONFLICT"),
    ("the difference", "+  - id: approve"),
    ("a flow that is replaced", "outcome: updated"),
    ("a run that waits", "state: PAUSED"),
    ("a run that is killed", "outcome: killed"),
    (
        "what to paste into Claude Desktop",
        "claude_desktop_config.json",
    ),
    (
        "what to paste into VS Code and Cursor",
        "~/.cursor/mcp.json",
    ),
];

/// What it shows of many people, in this order.
const OVER_HTTP: &[(&str, &str)] = &[
    ("the challenge", "WWW-Authenticate: Bearer"),
    ("the consent", "is this what you want? Yes."),
    ("the sign-in", "who are you?"),
    ("that a credential is missing", "CREDENTIAL_REQUIRED"),
    ("the flows", "flow_id=hello"),
    (
        "what a role takes away",
        "What he may not do does not exist for him.",
    ),
];

/// Runs it on a simulated Kestra of each line, and once for many people.
pub(crate) async fn run(workspace: &Workspace, report: &mut Report) -> anyhow::Result<()> {
    let demo = workspace.demo().await?;
    for (part, arguments, shown) in [
        ("demo, simulator 1.3", &["--dialect", "1.3"][..], LOCAL),
        ("demo, simulator 2.0", &["--dialect", "2.0"], LOCAL),
        ("demo over HTTP", &["--http"], OVER_HTTP),
    ] {
        println!("\n== {part}");
        let text = text(&demo, arguments).await?;
        println!("{text}");
        let missing = missing(&text, shown);
        for what in &missing {
            report.failed(part, &format!("it does not show {what}"));
        }
        report.add(u32::try_from(shown.len() - missing.len())?, 0);
    }
    Ok(())
}

/// What it prints.
async fn text(demo: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(demo);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KESTRA_") {
            command.env_remove(name);
        }
    }
    let output = command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the demo cannot be run")?
        .wait_with_output()
        .await?;
    ensure!(
        output.status.success(),
        "the demo ended with {}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// What is not shown in its place.
fn missing(text: &str, shown: &[(&'static str, &str)]) -> Vec<&'static str> {
    let mut rest = text;
    let mut missing = Vec::new();
    for (what, line) in shown {
        match rest.split_once(line) {
            Some((_, after)) => rest = after,
            None => missing.push(*what),
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::{LOCAL, OVER_HTTP, missing};

    #[test]
    fn what_is_shown_in_its_place_is_not_missing() {
        for shown in [LOCAL, OVER_HTTP] {
            let lines: Vec<&str> = shown.iter().map(|(_, line)| *line).collect();
            assert!(missing(&lines.join("\n"), shown).is_empty());
            let (first, rest) = lines.split_first().unwrap();
            assert_eq!(missing(&rest.join("\n"), shown), [shown[0].0], "{first}");
            let mut turned = lines.clone();
            turned.reverse();
            assert!(!missing(&turned.join("\n"), shown).is_empty());
        }
    }
}
