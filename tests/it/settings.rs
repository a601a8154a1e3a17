//! The documentation and the schema of the settings follow from their declarations.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kestra_mcp::cli::Exit;
use kestra_mcp::config::{Setting, documented, of_provider, schema};
use serde_json::{Value, json};

use crate::stand::Program;

/// Holds the text between the marks called `name` in the file `docs` to `wanted`, or writes it.
fn hold(docs: &str, name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(docs);
    let update = "UPDATE_README=1 cargo test --test it settings";
    let start = format!("<!-- {name}: written by {update} -->\n");
    let end = format!("<!-- end of {name} -->");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(&start).expect("the start of the table");
    let (found, after) = rest.split_once(&end).expect("the end of the table");
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, format!("{before}{start}{wanted}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(found, wanted, "run {update}");
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn variables(setting: &Setting) -> String {
    match setting.variables() {
        [] => String::new(),
        [name] => code(name),
        [name, others @ ..] => {
            let others: Vec<String> = others.iter().map(|other| code(other)).collect();
            format!("{} (also {})", code(name), others.join(", "))
        }
    }
}

#[test]
fn the_documentation_lists_every_setting() {
    let mut both =
        "| variable | flag | file: table, key | meaning |\n|---|---|---|---|\n".to_owned();
    let mut http = "| variable | file: table, key | meaning |\n|---|---|---|\n".to_owned();
    for setting in documented() {
        let key = setting.file_key().map(code).unwrap_or_default();
        let (variables, meaning) = (variables(setting), setting.meaning());
        if setting.is_of_http() {
            writeln!(http, "| {variables} | {key} | {meaning} |").unwrap();
        } else {
            let option = setting.option().map(|option| code(&option));
            let option = option.unwrap_or_default();
            writeln!(both, "| {variables} | {option} | {key} | {meaning} |").unwrap();
        }
    }
    let docs = "docs/configuration.md";
    // An empty cell is one space.
    for (name, table) in [("settings", both), ("settings of the HTTP mode", http)] {
        hold(docs, name, &table.replace("|  ", "| "));
    }
}

#[test]
fn the_documentation_lists_every_key_of_a_provider() {
    let mut table = "| key of `[[identity_provider]]` | meaning |\n|---|---|\n".to_owned();
    for (key, setting) in of_provider() {
        writeln!(table, "| `{key}` | {} |", setting.meaning()).unwrap();
    }
    hold("docs/http.md", "keys of identity providers", &table);
}

/// Why the schema refuses a file.
fn refused(schema: &Value, text: &str) -> Vec<String> {
    let file: toml::Table = text.parse().unwrap();
    let file = serde_json::to_value(file).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    validator
        .iter_errors(&file)
        .map(|error| error.to_string())
        .collect()
}

#[test]
fn the_schema_is_a_schema_and_accepts_the_files_of_the_documentation() {
    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    let mut files = 0;
    for docs in ["README.md", "docs/configuration.md", "docs/http.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(docs);
        let text = fs::read_to_string(path).unwrap();
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            assert_eq!(refused(&schema, block), [""; 0], "{docs}:\n{block}");
            files += 1;
        }
    }
    assert!(files >= 3, "{files}");
}

/// A value that the schema of a key describes, as TOML.
fn value(key: &str, schema: &Value) -> String {
    if let Some(default) = schema.get("default") {
        return default.to_string();
    }
    match schema["type"].as_str() {
        Some("string") => "\"x\"".to_owned(),
        Some("array") => "[\"x\"]".to_owned(),
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn the_schema_knows_every_key_and_refuses_others_and_other_types() {
    let schema = schema();
    for setting in documented() {
        let Some((table, key)) = setting.file_key().and_then(|key| key.split_once('.')) else {
            continue;
        };
        let of_key = &schema["properties"][table]["properties"][key];
        let text = of_key["description"].as_str();
        assert_eq!(text, Some(&*setting.meaning()), "{table}.{key}");
        let file = |value: &str| format!("[{table}]\n{key} = {value}\n");
        let valid = file(&value(key, of_key));
        assert_eq!(refused(&schema, &valid), [""; 0], "{valid}");
        let wrong = file("{ a = 1 }");
        assert_eq!(refused(&schema, &wrong).len(), 1, "{wrong}");
    }
    for wrong in [
        "[kestra]\ntenand = \"main\"\n",
        "[kestra]\ntoken = \"secret\"\n",
        "[kestro]\nurl = \"http://localhost\"\n",
        "[http]\nport = 65536\n",
        "[http]\nport = true\n",
        "[kestra]\ncredential = \"both\"\n",
        "[mcp]\nread_only = \"maybe\"\n",
        "[role.data]\nalow = []\n",
        "[[client]]\nid = \"portal\"\n",
        "[[identity_provider]]\nissuer = \"https://id.example\"\nclient_id = \"a\"\n\
         role_rule = [{ path = \"roles\" }]\n",
        "[[identity_provider]]\nissuer = \"https://id.example\"\nclient_id = \"a\"\n\
         sources = [\"cookie\"]\n",
    ] {
        assert!(!refused(&schema, wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn no_key_of_the_schema_holds_a_secret_by_default() {
    let schema = schema();
    for setting in ["token", "password"] {
        assert_eq!(
            schema["properties"]["kestra"]["properties"][setting],
            json!(null)
        );
    }
    let proxy = &schema["properties"]["oauth"]["properties"]["metadata_proxy"];
    assert!(proxy.get("default").is_none(), "{proxy}");
}

#[tokio::test]
async fn config_schema_prints_the_schema_and_reads_no_setting() {
    let wrong = [("KESTRA_API_URL", "nonsense")];
    let mut program = Program::start(&["config", "schema"], &wrong);
    program.end();
    let output = program.lines().await.join("\n");
    let printed: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(printed, schema());
    assert_eq!(program.exit().await, Exit::Done);
}
