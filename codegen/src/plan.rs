//! The manifest against the description of one line: every check, and what the checks resolve.

mod body;
mod filter;
mod lookup;
mod names;
mod operation;
mod output;
mod planner;
mod probe;
mod reference;
mod resolved;
mod special;
mod surface;
mod target;
mod tool;
mod usage;

use std::collections::BTreeMap;

use vocabulary::{At, Manifest, Tool};

use crate::document::Document;
use crate::fault::Faults;
use crate::nearest::nearest;
use crate::overlay::Editions;
use crate::read::{File, Unread};
use planner::Planner;
pub use resolved::{PROBE, Parameter, Plan, Resolved, parameter};

/// What a manifest is checked against.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The description of the line.
    pub document: &'a Document,
    /// Which edition serves what.
    pub editions: &'a Editions,
    /// What of the manifest could not be read.
    pub unread: &'a Unread,
}

/// Checks `manifest`, which is read for the line of the description, and looks up what it names.
pub fn plan(file: &str, manifest: &mut Manifest, given: Given<'_>, faults: &Faults) -> Plan {
    let file = File { name: file, faults };
    likes(file, manifest, given.unread);
    manifest.resolve();
    let planner = Planner {
        file,
        manifest,
        document: given.document,
        editions: given.editions,
        unread: given.unread,
    };
    let mut plan = Plan::new();
    planner.vocabulary();
    planner.probes(&mut plan);
    let mut names: BTreeMap<&str, &At<Tool>> = BTreeMap::new();
    for tool in &planner.manifest.tool {
        for name in std::iter::once(&tool.name).chain(&tool.aliases) {
            if let Some(other) = names.insert(name, tool) {
                let message = format!(
                    "the name \"{name}\" is taken by {} in line {}",
                    other.name, other.place.line
                );
                planner.fault(tool, tool.place, message);
            }
        }
        planner.tool(tool, &mut plan);
        for setting in tool.under.keys() {
            if let Some(node) = tool.under(*setting) {
                planner.tool(
                    &At {
                        place: tool.place,
                        node,
                    },
                    &mut plan,
                );
            }
        }
    }
    plan
}

/// Outputs that are like none there is.
fn likes(file: File<'_>, manifest: &Manifest, unread: &Unread) {
    for tool in &manifest.tool {
        let Some(like) = tool
            .output
            .like
            .as_ref()
            .filter(|like| !manifest.output.contains_key(*like) && !unread.has("output", like))
        else {
            continue;
        };
        let near = nearest(like, manifest.output.keys().map(String::as_str));
        file.fault(
            &tool.name,
            tool.output.place,
            format!("no [output.{like}]{near}"),
        );
    }
}
