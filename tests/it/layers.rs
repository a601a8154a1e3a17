//! A module uses only modules on lines above its own.

use std::fs;
use std::path::{Path, PathBuf};

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

/// The one use within a line: a call carries the time and what it must not tell.
const BESIDE: &[(&str, &str)] = &[("tool", "secret"), ("tool", "clock")];

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules that `text` names by `crate::`, in `use` lines and elsewhere, groups included.
fn used(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let word = |text: &str| {
        text.chars()
            .take_while(|next| next.is_alphanumeric() || *next == '_')
            .collect::<String>()
    };
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            modules.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, next) in group.char_indices() {
            match next {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                next if next.is_alphabetic() && start => {
                    modules.push(word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    modules.retain(|module| !module.is_empty());
    modules
}

#[test]
fn a_module_uses_only_what_lies_below() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    assert!(found.len() > 20, "the sources were not found");
    let mut wrong = Vec::new();
    for file in found {
        let path = file.strip_prefix(&source).unwrap();
        let first = path
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let module = first.trim_end_matches(".rs");
        let Some(own) = level(module) else {
            wrong.push(format!("{} is on no line", path.display()));
            continue;
        };
        for other in used(&fs::read_to_string(&file).unwrap()) {
            let fits = other == module
                || level(&other).is_some_and(|level| level < own)
                || BESIDE.contains(&(module, other.as_str()));
            if !fits {
                wrong.push(format!("{}: {module} uses {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn groups_and_plain_names_are_found_and_comments_are_not() {
    let text = "use crate::{a::{self, b}, c};\nuse crate::d::e;\n// crate::f\nlet x = crate::g();";
    assert_eq!(used(text), ["a", "c", "d", "g"]);
}
