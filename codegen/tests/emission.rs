//! The text that is emitted for a small project: held in files, which tests/it compiles beside a
//! client written by hand with the same signatures. No text of progenitor's is kept.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what helps a test is part of it"
)]

#[path = "fixtures/project.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod project;
#[path = "../../tests/support/reviewed.rs"]
mod reviewed;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use project::Project;
use quote::ToTokens as _;
use reviewed::Update;
use vocabulary::Manifest;
use vocabulary::plan::Line;

fn files() -> BTreeMap<String, String> {
    let files = Project::new().generate().expect("no fault");
    files
        .into_iter()
        .map(|file| (file.name, file.text))
        .collect()
}

/// A file as people review it: JSON on lines of its own.
fn reviewed(name: &str, text: String) -> String {
    if Path::new(name).extension().is_none_or(|end| end != "json") {
        return text;
    }
    // Members keep their order in a tree, which those of a value do not.
    let value: Ordered = serde_json::from_str(&text).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON") + "\n"
}

/// JSON in the order of its text.
#[derive(serde::Deserialize, serde::Serialize)]
#[serde(untagged)]
enum Ordered {
    Object(indexmap::IndexMap<String, Ordered>),
    Array(Vec<Ordered>),
    Scalar(serde_json::Value),
}

const UPDATE: Update = Update {
    variable: "UPDATE_GOLDENS",
    command: "cargo test --workspace --test emission",
};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

#[test]
fn what_is_emitted_is_what_was_reviewed() {
    for (name, text) in files() {
        if name.starts_with("client-") {
            continue;
        }
        let path = golden(&name);
        let text = reviewed(&name, text);
        UPDATE.hold(&path, &text);
    }
}

#[test]
fn every_golden_is_emitted() {
    let files = files();
    for entry in fs::read_dir(golden("")).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        assert!(files.contains_key(name.as_ref()), "{name} is superfluous");
    }
}

#[test]
fn the_same_project_gives_the_same_text() {
    assert_eq!(files(), files());
}

/// A type however it is named and set.
fn bare(text: &str) -> String {
    let paths = ["::std::", "vec::", "string::", "collections::", "'a"];
    let plain: String = text.split_whitespace().collect();
    let plain = paths
        .iter()
        .fold(plain, |text, path| text.replace(path, ""));
    plain.replace(",>", ">")
}

/// Arguments of the asynchronous methods of `Client`.
fn signatures(text: &str) -> BTreeMap<String, String> {
    let file = syn::parse_file(text).expect("Rust");
    let mut found = BTreeMap::new();
    for item in file.items {
        let syn::Item::Impl(block) = item else {
            continue;
        };
        if block.trait_.is_some() || block.self_ty.to_token_stream().to_string() != "Client" {
            continue;
        }
        for item in block.items {
            let syn::ImplItem::Fn(function) = item else {
                continue;
            };
            if function.sig.asyncness.is_none() {
                continue;
            }
            let inputs = function.sig.inputs.iter().map(|input| match input {
                syn::FnArg::Receiver(_) => "self".to_owned(),
                syn::FnArg::Typed(typed) => bare(&typed.to_token_stream().to_string()),
            });
            let inputs: Vec<String> = inputs.collect();
            found.insert(function.sig.ident.to_string(), inputs.join(", "));
        }
    }
    found
}

#[test]
fn the_client_of_the_compile_test_has_the_generated_signatures() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/it/emitted/client.rs");
    let ours = signatures(&fs::read_to_string(path).unwrap_or_default());
    for line in ["1.3", "2.0"] {
        let text = files()
            .remove(&format!("client-{line}.rs"))
            .expect("a client");
        for (name, wanted) in signatures(&text) {
            let found = ours.get(&name);
            assert_eq!(found, Some(&wanted), "{name} of {line}");
        }
    }
}

/// What a tool refuses before any request, by line and tool.
fn reserved(project: &Project, line: &str, tool: &str) -> Vec<Vec<(String, String)>> {
    let files = project.generate().expect("no fault");
    let name = format!("plan-{line}.json");
    let file = files.iter().find(|file| file.name == name).expect("a file");
    let mut plan: Line = serde_json::from_str(&file.text).expect("a plan");
    plan.tools.remove(tool).expect("a tool").reserved
}

#[test]
fn words_are_refused_where_a_path_or_a_document_names_an_object() {
    let id = "[format.id]\npattern";
    let with = "[format.id]\nreserved = { \"1.3\" = [\"pause\"], \"2.0\" = [] }\npattern";
    let project = Project::new().with(project::MANIFEST, id, with);
    let row = |place: &str, word: &str| vec![(place.to_owned(), word.to_owned())];
    let get = reserved(&project, "1.3", "get_flow");
    assert!(get.contains(&row("$flow_id", "pause")), "{get:?}");
    // Of another format, and the newer line gives the word to anything.
    assert!(!get.contains(&row("$namespace", "pause")), "{get:?}");
    assert!(!reserved(&project, "2.0", "get_flow").contains(&row("$flow_id", "pause")));
    // A filter is no path.
    assert_eq!(reserved(&project, "1.3", "list_flows"), [[]; 0]);
    // So is what makes a path another route: there is one on the older line alone.
    let run = reserved(&project, "1.3", "run_flow");
    assert!(run.contains(&row("$flow_id", "restart")), "{run:?}");
    assert_eq!(reserved(&project, "2.0", "run_flow"), [[]; 0]);
}

#[test]
fn the_plan_says_what_a_request_keeps_and_whether_it_reads() {
    let files = files();
    let plan: Line = serde_json::from_str(&files["plan-2.0.json"]).expect("a plan");
    let run = &plan.tools["run_flow"];
    let reads: Vec<(&str, bool)> = run
        .requests
        .iter()
        .map(|(name, request)| (name.as_str(), request.reads))
        .collect();
    assert_eq!(
        reads,
        [
            ("act", false),
            ("describe", true),
            ("logs", true),
            ("settle", true)
        ]
    );
    // A start and its reads are of one shape.
    assert_eq!(run.requests["act"].keep, run.requests["settle"].keep);
    assert!(plan.tools.contains_key("whoami/token_argument"));
    assert!(plan.tools["list_apps"].enterprise && !run.enterprise);
    let probes: Vec<&str> = plan.probes.keys().map(String::as_str).collect();
    assert_eq!(probes, ["configuration", "credential", "me"]);
}

#[test]
fn the_manifest_of_a_line_reads_as_it_was_checked() {
    for line in ["1.3", "2.0"] {
        let text = &files()[&format!("manifest-{line}.json")];
        let manifest: Manifest = serde_json::from_str(text).expect("a manifest");
        let apps = manifest.tool.iter().any(|tool| tool.name == "list_apps");
        assert_eq!(apps, line == "2.0", "{line}");
        let run = manifest.tool.iter().find(|tool| tool.name == "run_flow");
        let wait = &run.expect("a tool").act[0].retry_404_ms;
        assert_eq!(*wait, if line == "2.0" { 10_000 } else { 0 });
    }
}
