//! The map of the code leads to files that exist, and names every module.

use std::fs;
use std::path::Path;

const PAGES: [&str; 2] = ["docs/architecture.md", "CONTRIBUTING.md"];
const ROOTS: [&str; 9] = [
    "src/",
    "codegen/",
    "vocabulary/",
    "simulator/",
    "e2e/",
    "benches/",
    "tests/",
    "openapi/",
    "docs/",
];

fn page(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(name)).unwrap()
}

#[test]
fn every_path_that_the_map_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in PAGES {
        let text = page(name);
        // Every second piece is between backquotes.
        let quoted = text.split('`').skip(1).step_by(2);
        let paths = quoted.filter(|path| ROOTS.iter().any(|root| path.starts_with(root)));
        let missing: Vec<&str> = paths
            .filter(|path| !path.contains([' ', '*']) && !root.join(path).exists())
            .collect();
        assert!(missing.is_empty(), "{name} names {missing:?}");
    }
}

#[test]
fn the_map_names_every_module() {
    let text = page("CONTRIBUTING.md");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(module) = file.strip_suffix(".rs").filter(|module| *module != "lib") else {
            continue;
        };
        let is_named = [format!("`src/{module}.rs`"), format!("`src/{module}/`")]
            .iter()
            .any(|path| text.contains(path));
        assert!(is_named, "CONTRIBUTING.md does not name src/{module}");
    }
}
