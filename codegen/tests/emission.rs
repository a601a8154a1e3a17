//! The text that is emitted for a small project: held in files, which tests/it compiles beside a
//! client written by hand with the same signatures. No text of progenitor's is kept.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test is part of it"
)]

#[path = "fixtures/project.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod project;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use project::Project;
use quote::ToTokens as _;

fn files() -> BTreeMap<String, String> {
    let files = Project::new().generate().expect("no fault");
    files
        .into_iter()
        .map(|file| (file.name, file.text))
        .collect()
}

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
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            fs::write(&path, &text).expect("a file");
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            known == text,
            "{name} differs; UPDATE_GOLDENS=1 cargo test -p codegen, then review"
        );
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
