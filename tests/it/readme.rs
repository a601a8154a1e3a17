//! The README's table of tools says what the tools are.

use std::fmt::Write as _;
use std::fs;

use kestra_mcp::generated;
use kestra_mcp::tool::{Edition, Effect, Line, Tool};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const START: &str = "<!-- tools: written by UPDATE_README=1 cargo test --test it readme -->\n";
const END: &str = "<!-- end of tools -->";

fn row(tool: &Tool) -> String {
    let arguments = tool.arguments.iter().map(|argument| {
        let optional = if argument.required { "" } else { "?" };
        format!("`{}{optional}`", argument.name)
    });
    let changes = match tool.effect {
        Effect::Read => "nothing",
        Effect::Create => "adds",
        Effect::Execute => "starts a run",
        Effect::Control => "changes a run",
        Effect::Overwrite => "replaces",
        Effect::Kill => "ends a run",
        Effect::Delete => "removes",
    };
    let edition = match tool.needs {
        Some(Edition::Enterprise) => " (Enterprise)",
        _ => "",
    };
    format!(
        "| `{}` | {}{edition} | {} | {changes} |\n",
        tool.name,
        tool.title,
        arguments.collect::<Vec<_>>().join(", "),
    )
}

fn table() -> String {
    let mut table = "| tool | | arguments | changes in Kestra |\n|---|---|---|---|\n".to_owned();
    for tool in generated::tools(Line::V2_0) {
        write!(table, "{}", row(tool)).unwrap();
    }
    table
}

#[test]
fn lists_every_tool_as_it_is() {
    let readme = fs::read_to_string(README).unwrap();
    let (before, rest) = readme.split_once(START).expect("the start of the table");
    let (found, after) = rest.split_once(END).expect("the end of the table");
    let wanted = table();
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(README, format!("{before}{START}{wanted}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, wanted,
        "run UPDATE_README=1 cargo test --test it readme"
    );
}
