//! Reviewed deviations from a vendored description: operations that it lacks, corrections, and
//! which edition serves what. An entry that changes nothing is a fault, so the list shrinks.

mod edition;
mod entry;
mod route;

use crate::document::Document;
use crate::fault::Faults;
use crate::nearest::nearest;
use crate::read::File;
use crate::tree::Tree;
pub use edition::Editions;
use edition::{Edition, Needs, matches};
use entry::{Add, Set};
pub use route::route;

/// Applies the entries of `overlay` that hold for the line of `document`.
pub fn apply(file: &str, overlay: &Tree, document: &mut Document, faults: &Faults) -> Editions {
    let line = document.line.clone().unwrap_or_default();
    overlay.check_lines(file, faults);
    check_lines(file, overlay, faults);
    let Some(overlay) = overlay.at(&line) else {
        return Editions::default();
    };
    let file = File { name: file, faults };
    let entries = |key: &str| overlay.get(key).map_or(&[][..], Tree::items);
    for tree in entries("add") {
        if let Some(entry) = file.read::<Add>("", tree) {
            told(file, tree, entry.apply(document, &line));
        }
    }
    for tree in entries("set") {
        if let Some(entry) = file.read::<Set>("", tree) {
            told(file, tree, entry.apply(document, &line));
        }
    }
    let mut editions = Editions::default();
    for tree in entries("edition") {
        let Some(Edition { at, needs, .. }) = file.read::<Edition>("", tree) else {
            continue;
        };
        for glob in &at {
            if !document
                .operations()
                .any(|operation| matches(glob, &operation.path))
            {
                file.fault(
                    "",
                    tree,
                    format!("edition of {glob} has no effect: Kestra {line} has no such path"),
                );
            }
        }
        let needs = match needs {
            Needs::Any => "",
            Needs::Enterprise => "EE",
        };
        editions.0.push((at, needs.to_owned()));
    }
    for (key, tree) in overlay.entries() {
        if !["add", "set", "edition"].contains(&key.as_str()) {
            let near = nearest(key, ["add", "set", "edition"].into_iter());
            file.fault("", tree, format!("unknown key `{key}`{near}"));
        }
    }
    editions
}

fn told(file: File<'_>, tree: &Tree, done: Result<(), String>) {
    if let Err(message) = done {
        file.fault("", tree, message);
    }
}

/// Every entry says from which line on it holds.
fn check_lines(file: &str, overlay: &Tree, faults: &Faults) {
    for (_, tree) in overlay.entries() {
        for entry in tree.items() {
            let keys = entry.entries();
            if !keys.is_empty() && entry.get("lines").is_none() {
                faults.at(
                    file,
                    (entry.line, entry.column),
                    "every entry names the line it holds from: lines = \"1.3\"",
                );
            }
        }
    }
}
