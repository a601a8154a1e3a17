//! The parts of the generator, each by itself.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what helps a test is part of it"
)]

mod keeps;
mod lines;
mod normalise;
#[path = "../fixtures/project.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod project;
mod resolved;
mod schemas;

use codegen::document::Document;
use codegen::fault::Faults;
use codegen::read::{self, File, Unread};
use codegen::tree::Tree;
use project::{MANIFEST, Project};
use vocabulary::{Manifest, Tool};

/// The manifest of the fixture, as it holds for a line.
fn manifest(line: &str) -> Manifest {
    let faults = Faults::default();
    let project = Project::new();
    let tree = Tree::parse(MANIFEST, project.text(MANIFEST), &faults).expect("TOML");
    let mut manifest = read(&tree.at(line).expect("a tree"), &faults).0;
    assert_eq!(faults.into_vec(), []);
    manifest.resolve();
    manifest
}

fn read(tree: &Tree, faults: &Faults) -> (Manifest, Unread) {
    let file = File {
        name: MANIFEST,
        faults,
    };
    read::manifest(file, tree)
}

fn tool<'a>(manifest: &'a Manifest, name: &str) -> &'a Tool {
    let found = manifest.tool.iter().find(|tool| tool.name == name);
    found.unwrap_or_else(|| panic!("no tool {name}"))
}

/// A description of the fixture.
fn document(line: &str) -> Document {
    let project = Project::new();
    let text = project.text(if line == "1.3" {
        project::V1_3
    } else {
        project::V2_0
    });
    Document {
        line: Some(line.to_owned()),
        json: serde_json::from_str(text).expect("JSON"),
    }
}
