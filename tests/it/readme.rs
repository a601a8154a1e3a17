//! The README's tables list the tools, and how to add the server to each client.

use std::fmt::Write as _;
use std::fs;
use std::sync::{Mutex, PoisonError};

use kestra_mcp::generated;
use kestra_mcp::pages::door::{Place, client_setups};
use kestra_mcp::tool::{Edition, Effect, Line, Tool};

use crate::reviewed::Update;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

const UPDATE: Update = Update {
    variable: "UPDATE_README",
    command: "cargo test --workspace --test it readme",
};

/// Both tests hold parts of one file, and only one may write it at a time.
static WRITES: Mutex<()> = Mutex::new(());

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

/// How to add the server to each client, one row each.
fn clients() -> String {
    let mut table = "| client | |\n|---|---|\n".to_owned();
    for setup in client_setups("https://mcp.example.com/mcp") {
        let place = match setup.place {
            Place::Terminal => String::new(),
            Place::File(name) => format!("in `{name}`: "),
        };
        let sign_in = setup.sign_in.map_or_else(String::new, |sign_in| {
            format!("; if no browser opens, sign in with `{sign_in}`")
        });
        writeln!(
            table,
            "| {} | {place}`{}`{sign_in} |",
            setup.client, setup.text
        )
        .unwrap();
    }
    table
}

/// Holds the text between the two marks called `name` to `wanted`, or writes it.
fn hold(name: &str, wanted: &str) {
    let start =
        format!("<!-- {name}: written by UPDATE_README=1 cargo test --test it readme -->\n");
    let end = format!("<!-- end of {name} -->");
    let _turn = WRITES.lock().unwrap_or_else(PoisonError::into_inner);
    let readme = fs::read_to_string(README).unwrap();
    let (before, rest) = readme.split_once(&start).expect("the start of the table");
    let (_, after) = rest.split_once(&end).expect("the end of the table");
    let wanted = format!("{before}{start}{wanted}{end}{after}");
    UPDATE.hold(README.as_ref(), &wanted);
}

#[test]
fn lists_every_tool_as_it_is() {
    hold("tools", &table());
}

#[test]
fn says_how_to_add_the_server_to_each_client_as_the_first_page_does() {
    hold("clients", &clients());
}
