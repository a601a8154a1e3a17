//! Everything that build.rs does: from the files of a project to Rust text.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::client;
use crate::document::Document;
use crate::emit;
use crate::fault::{Fault, Faults};
use crate::overlay;
use crate::plan::{Given, plan};
use crate::project::{LINES, MANIFEST, OVERLAY, SOURCES};
use crate::read;
use crate::slice::slice;
use crate::sources;
use crate::tree::Tree;

/// One generated file.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The generated files of the project at `root`; their text names `runtime` for what they need.
///
/// # Errors
/// Every fault of manifest, overlay and descriptions, each once.
pub fn generate(root: &Path, runtime: &str) -> Result<Vec<File>, Vec<Fault>> {
    let faults = Faults::default();
    let manifest = read(root, MANIFEST, &faults);
    let overlay = read(root, OVERLAY, &faults);
    let (Some(manifest), Some(overlay)) = (manifest, overlay) else {
        return Err(faults.into_vec());
    };
    match sources::check(root, &LINES.map(|(line, ..)| line)) {
        Ok(changed) => {
            for (line, message) in changed {
                faults.add(SOURCES, line, message);
            }
        }
        Err(error) => faults.add(SOURCES, error.line(), chain(&error)),
    }
    manifest.check_lines(MANIFEST, &faults);
    let mut files = Vec::new();
    for (line, ..) in LINES {
        let path = format!("openapi/kestra-{line}.json");
        match Document::read(root.join(&path)) {
            Ok(mut document) => {
                document.line = Some((*line).to_owned());
                if let Some(tree) = manifest.at(line) {
                    files.extend(one(&tree, &overlay, document, runtime, &faults));
                }
            }
            Err(error) => faults.add(&path, error.line(), chain(&error)),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into_vec());
    }
    files.push(File {
        name: "generated.rs".into(),
        text: join(),
    });
    Ok(files)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn read(root: &Path, file: &str, faults: &Faults) -> Option<Tree> {
    match fs::read_to_string(root.join(file)) {
        Ok(text) => Tree::parse(file, &text, faults),
        Err(error) => {
            faults.add(file, 1, error.to_string());
            None
        }
    }
}

/// Client and tools of one line; nothing once there is a fault.
fn one(
    tree: &Tree,
    overlay: &Tree,
    mut document: Document,
    runtime: &str,
    faults: &Faults,
) -> Vec<File> {
    let line = document.line.clone().unwrap_or_default();
    let editions = overlay::apply(OVERLAY, overlay, &mut document, faults);
    let (mut manifest, unread) = read::manifest(
        read::File {
            name: MANIFEST,
            faults,
        },
        tree,
    );
    let given = Given {
        document: &document,
        editions: &editions,
        unread: &unread,
    };
    let plan = plan(MANIFEST, &mut manifest, given, faults);
    if !faults.is_empty() {
        return Vec::new();
    }
    let routes: BTreeSet<_> = plan
        .values()
        .map(|resolved| (resolved.method, resolved.path.clone()))
        .collect();
    let made = slice(&document, &routes).and_then(|slice| {
        let client = client::generate(&slice, &format!("{runtime}::CallCtx"))
            .map_err(|message| vec![message])?;
        let send = emit::send(&plan, &client, runtime)?;
        let json = |error: serde_json::Error| vec![error.to_string()];
        let manifest_text = serde_json::to_string(tree).map_err(json)?;
        let plan_text = serde_json::to_string(&emit::line(&manifest, &plan)).map_err(json)?;
        Ok([
            ("client", "rs", client.text),
            ("send", "rs", send),
            ("manifest", "json", manifest_text),
            ("plan", "json", plan_text),
        ])
    });
    match made {
        Ok(files) => {
            let files = files.into_iter();
            files
                .map(|(name, end, text)| File {
                    name: format!("{name}-{line}.{end}"),
                    text,
                })
                .collect()
        }
        Err(found) => {
            for message in found {
                faults.add(MANIFEST, 0, format!("Kestra {line}: {message}"));
            }
            Vec::new()
        }
    }
}

/// The modules of all lines under one roof.
fn join() -> String {
    let mut text = String::new();
    for (line, module, _) in LINES {
        // Writing to a text does not fail.
        let _ = write!(
            text,
            r#"/// Kestra {line}.
pub mod {module} {{
    /// The typed client.
    pub mod client {{
        include!(concat!(env!("OUT_DIR"), "/client-{line}.rs"));
    }}
    /// Sends an operation by its id.
    pub mod send {{
        include!(concat!(env!("OUT_DIR"), "/send-{line}.rs"));
    }}
    /// The manifest as it holds for this line.
    pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest-{line}.json"));
    /// What the build worked out beside it.
    pub const PLAN: &str = include_str!(concat!(env!("OUT_DIR"), "/plan-{line}.json"));
}}
"#
        );
    }
    text
}
