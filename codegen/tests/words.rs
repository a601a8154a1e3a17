//! What people and editors read of the vocabulary fits what is there.

#![expect(clippy::expect_used, reason = "a test may fail by it")]

use std::path::{Path, PathBuf};

use codegen::fault::Faults;
use codegen::project::MANIFEST;
use codegen::tree::Tree;
use codegen::words::{files, schema};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).expect("the file is there")
}

fn manifest(text: &str) -> Value {
    let faults = Faults::default();
    let tree = Tree::parse(MANIFEST, text, &faults).expect("it is TOML");
    serde_json::to_value(tree).expect("it is JSON")
}

#[test]
fn the_files_are_those_of_the_vocabulary() {
    for (file, written) in files() {
        assert!(
            text(file) == written,
            "{file} is not up to date: run `cargo codegen words`"
        );
    }
}

#[test]
fn the_manifest_fits_its_schema_by_line_too() {
    let validator = jsonschema::validator_for(&schema()).expect("it is a schema");
    let manifest = manifest(&text(MANIFEST));
    let faults: Vec<String> = validator
        .iter_errors(&manifest)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn an_unknown_key_and_a_wrong_word_do_not_fit() {
    let validator = jsonschema::validator_for(&schema()).expect("it is a schema");
    let product = text(MANIFEST);
    for (from, to) in [
        ("title = \"List flows\"", "titel = \"List flows\""),
        ("effect = \"kill\"", "effect = \"end\""),
        ("large_result = 500000", "large_result = \"much\""),
    ] {
        let changed = product.replacen(from, to, 1);
        assert!(changed != product, "{from} is there");
        assert!(!validator.is_valid(&manifest(&changed)), "{to}");
    }
}
