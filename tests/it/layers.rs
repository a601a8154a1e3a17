//! A module uses only modules on lines above its own, and no two files use each other.

mod circles;
mod items;
mod modules;
mod resolve;
mod trees;
mod uses;

use std::fs;
use std::path::{Path, PathBuf};

use modules::{Crate, Files, Tests};
use resolve::Edges;

/// From the lowest to the highest.
const LAYERS: &[&[&str]] = &[
    &["accept", "secret", "clock", "principal", "tool"],
    &["config"],
    &["store", "pages"],
    &["policy"],
    &["generated", "audit", "telemetry"],
    &["kestra"],
    &["auth"],
    &["mcp", "doctor"],
    &["transport"],
    &["app"],
    &["cli", "main", "lib"],
];

/// The uses within a line: a call carries the time, and the secrets that its answer must not show.
const BESIDE: &[(&str, &str)] = &[("tool", "secret"), ("tool", "clock")];

const CRATES: [&str; 5] = [
    "src",
    "codegen/src",
    "vocabulary/src",
    "simulator/src",
    "e2e/src",
];

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The repository, or another checkout of it that `LAYERS_ROOT` names.
fn root() -> PathBuf {
    std::env::var_os("LAYERS_ROOT").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

fn read(folder: &Path, below: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn edges(name: &str, tests: Tests) -> Edges {
    let mut files = Files::new();
    read(&root().join(name), "", &mut files);
    let mut edges = Edges::new();
    for entry in ["lib.rs", "main.rs"] {
        if files.contains_key(entry) {
            edges.append(&mut Crate::parse(&files, entry, tests).edges());
        }
    }
    assert!(edges.len() > 10, "the sources of {name} were not found");
    edges
}

#[test]
fn a_module_uses_only_what_lies_below() {
    let module = |file: &str| file.split(['/', '.']).next().unwrap().to_owned();
    let mut wrong = Vec::new();
    for ((from, to), names) in edges("src", Tests::Counted) {
        let (module, other) = (module(&from), module(&to));
        let Some(own) = level(&module) else {
            wrong.push(format!("{module} is on no line"));
            continue;
        };
        let fits = other == module
            || level(&other).is_some_and(|level| level < own)
            || BESIDE.contains(&(module.as_str(), other.as_str()));
        if !fits {
            wrong.push(format!("{from} uses {to}: {names:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_use_each_other() {
    let found: String = CRATES
        .iter()
        .map(|name| circles::report(name, &edges(name, Tests::Ignored)))
        .collect();
    assert!(
        found.is_empty(),
        "Some files use each other. Cut each circle: move what both sides need into a file below \
         both, or pass it as an argument.\n{found}"
    );
}
