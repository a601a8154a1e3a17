//! The demo: it runs, and shows what it is there to show.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::report::Report;
use crate::workspace::Workspace;

/// What it shows, in this order.
const SHOWN: [(&str, &str); 13] = [
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

/// Runs it on a simulated Kestra of each line.
pub(crate) async fn run(workspace: &Workspace, report: &mut Report) -> anyhow::Result<()> {
    let demo = workspace.demo().await?;
    for dialect in ["1.3", "2.0"] {
        let part = format!("demo, simulator {dialect}");
        println!("\n== {part}");
        let mut command = Command::new(&demo);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KESTRA_") {
                command.env_remove(name);
            }
        }
        let output = command
            .args(["--dialect", dialect])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .output()
            .await
            .context("the demo cannot be run")?;
        ensure!(
            output.status.success(),
            "the demo ended with {}",
            output.status
        );
        let text = String::from_utf8(output.stdout)?;
        println!("{text}");
        for what in missing(&text) {
            report.failed(&part, &format!("it does not show {what}"));
        }
        let shown = SHOWN.len() - missing(&text).len();
        report.add(u32::try_from(shown)?, 0);
    }
    Ok(())
}

/// What is not shown in its place.
fn missing(text: &str) -> Vec<&'static str> {
    let mut rest = text;
    let mut missing = Vec::new();
    for (what, line) in SHOWN {
        match rest.split_once(line) {
            Some((_, after)) => rest = after,
            None => missing.push(what),
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, missing};

    #[test]
    fn what_is_shown_in_its_place_is_not_missing() {
        let lines: Vec<&str> = SHOWN.iter().map(|(_, line)| *line).collect();
        assert!(missing(&lines.join("\n")).is_empty());
        let (first, rest) = lines.split_first().unwrap();
        assert_eq!(missing(&rest.join("\n")), [SHOWN[0].0], "{first}");
        let mut turned = lines.clone();
        turned.reverse();
        assert!(!missing(&turned.join("\n")).is_empty());
    }
}
