//! The checklist of the authorization server names a test for each line, and the test exists; so do
//! the tests that SECURITY.md names.
//!
//! `UPDATE_GOLDENS=1 cargo test --workspace --test it checklist` writes the names anew. A test is
//! named after its line; `/// Also B1, B2.` above it counts it for others too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::reviewed::Update;

const LIST: &str = "docs/oauth-checklist.md";

const UPDATE: Update = Update {
    variable: "UPDATE_GOLDENS",
    command: "cargo test --workspace --test it checklist",
};

/// Every Rust file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .collect();
    files.sort();
    files
}

/// `t10` of `t10_reuse_after_the_grace`.
fn mark(name: &str) -> Option<&str> {
    let (mark, _) = name.split_once('_')?;
    let number = mark.strip_prefix(['d', 'r', 'a', 't', 'c', 'k', 's', 'b'])?;
    let is_mark = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_mark.then_some(mark)
}

/// The tests of each line of the checklist, with their modules.
fn tests() -> BTreeMap<String, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files(&root) {
        let module = path.strip_prefix(&root).unwrap().with_extension("");
        let module = module.to_str().unwrap().replace('/', "::");
        let text = fs::read_to_string(&path).unwrap();
        let mut is_test = false;
        let mut also: Vec<String> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[tokio::test") || line == "#[test]" {
                is_test = true;
            }
            if let Some(others) = line.strip_prefix("/// Also ") {
                let others = others.trim_end_matches('.').split(", ");
                also.extend(others.map(str::to_lowercase));
            }
            let name = line.strip_prefix("async ").unwrap_or(line);
            let Some(name) = name.strip_prefix("fn ") else {
                continue;
            };
            let name = name.split('(').next().unwrap();
            let own = mark(name).map(str::to_owned);
            let marks = std::mem::take(&mut also).into_iter().chain(own);
            for mark in marks.filter(|_| is_test) {
                let named = tests.entry(mark).or_default();
                named.push(format!("`{module}::{name}`"));
            }
            is_test = false;
        }
    }
    tests
}

#[test]
fn each_line_has_a_test() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST);
    let text = fs::read_to_string(&path).unwrap();
    let tests = tests();
    let mut without = Vec::new();
    let mut wanted = String::new();
    let mut marks = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let row = match cells.as_slice() {
            ["", name, level, what, ..] if mark(&format!("{}_", name.to_lowercase())).is_some() => {
                let found = tests.get(&name.to_lowercase()).cloned().unwrap_or_default();
                marks.push(name.to_lowercase());
                if found.is_empty() {
                    without.push((*name).to_owned());
                }
                format!("| {name} | {level} | {what} | {} |", found.join("<br>"))
            }
            _ => line.to_owned(),
        };
        wanted += &row;
        wanted.push('\n');
    }
    UPDATE.hold(&path, &wanted);
    assert!(without.is_empty(), "no test is named after {without:?}");
    let unknown: Vec<&String> = tests.keys().filter(|mark| !marks.contains(mark)).collect();
    assert!(unknown.is_empty(), "{LIST} has no line {unknown:?}");
}

/// Whether a test, a group of tests that begin alike (`…`), or a module of tests exists.
fn exists(name: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let segments: Vec<&str> = name.split("::").collect();
    let folder = match segments[0] {
        "it" | "http" | "memory" => root.join("tests"),
        _ => root.join("src"),
    };
    let file = (1..=segments.len()).rev().find_map(|length| {
        let path = folder.join(segments[..length].join("/"));
        let files = [path.with_extension("rs"), path.join("main.rs")];
        let file = files.into_iter().find(|file| file.is_file())?;
        Some((file, &segments[length..]))
    });
    let Some((file, inside)) = file else {
        return false;
    };
    let text = fs::read_to_string(file).unwrap();
    match inside {
        [] => true,
        ["tests", name] | [name] => match name.strip_suffix('…') {
            Some(start) => text.contains(&format!("fn {start}")),
            None => text.contains(&format!("fn {name}(")),
        },
        _ => false,
    }
}

#[test]
fn each_test_that_the_security_page_names_exists() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md");
    let text = fs::read_to_string(path).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let named: Vec<&str> = quoted.filter(|text| text.contains("::")).collect();
    assert!(named.len() > 50, "the tests were not found");
    let absent: Vec<&&str> = named.iter().filter(|name| !exists(name)).collect();
    assert!(absent.is_empty(), "SECURITY.md names {absent:#?}");
}
