//! What differs between two descriptions, and what of it touches our tools.

pub mod compare;
mod print;
mod summary;
mod tools;
pub mod usage;

use std::collections::BTreeSet;

use crate::document::{Document, Operation};
use crate::fault::{Fault, Faults};
use crate::overlay::{self, Editions};
use crate::plan::{Given, plan};
use crate::project::{MANIFEST, OVERLAY};
use crate::tree::Tree;
use compare::{Comparison, Fate, compare};
pub use summary::{Line, Report, Status, Uncovered};
use tools::{Tools, line, place};
use usage::uses;

/// Two descriptions, and what the tools use of them.
#[derive(Debug)]
pub struct Subject<'a> {
    /// `kestra 2.0`, or two file names.
    pub title: String,
    /// What the tools are written against. Its line says which entries hold.
    pub old: &'a Document,
    /// What may take its place, of the same line or of a later one.
    pub new: &'a Document,
    /// `tool-manifest.toml`.
    pub manifest: &'a Tree,
    /// `openapi/overlay.toml`.
    pub overlay: &'a Tree,
}

/// Compares both descriptions, as the overlay leaves them, and reports.
pub fn report(subject: &Subject<'_>) -> Report {
    let (mut old, mut new) = (subject.old.clone(), subject.new.clone());
    let editions = overlay::apply(OVERLAY, subject.overlay, &mut old, &Faults::default());
    let without_effect = Faults::default();
    overlay::apply(OVERLAY, subject.overlay, &mut new, &without_effect);
    let before = refused(subject.manifest, &old, &editions);
    let mut to_edit = refused(subject.manifest, &new, &editions);
    to_edit.retain(|fault| !before.contains(fault));
    let comparison = compare(&old, &new);
    let tools = Tools {
        old: &old,
        new: &new,
        editions: &editions,
        before: uses(subject.manifest, line(&old)),
        after: uses(subject.manifest, line(&new)),
        to_edit: &to_edit,
    };
    let mut used = Vec::new();
    let mut others = Vec::new();
    let mut removed = Vec::new();
    for row in &comparison.rows {
        if tools.before.iter().any(|one| one.reference.names(&row.old)) {
            used.push(tools.line(row));
        } else if let Some(found) = row.fate.found() {
            if !tools.uses(found) {
                others.extend(tools.line_of_unused(row));
            }
        } else {
            removed.push(place(&row.old));
        }
    }
    used.extend(tools.added(&comparison));
    used.extend(tools.unknown());
    let added: BTreeSet<_> = comparison.added.iter().map(Operation::shape).collect();
    let offered = subject.new.operations();
    let (fresh, known): (Vec<_>, Vec<_>) = offered
        .filter(|one| !tools.uses(one))
        .partition(|one| added.contains(&one.shape()));
    Report {
        head: head(subject, &comparison),
        tools: used,
        others,
        to_edit: tools.in_this_edition(&comparison),
        overlay: without_effect.into_vec(),
        uncovered: Uncovered {
            new: fresh.iter().map(place).collect(),
            known: known.len(),
        },
        removed,
    }
}

/// What the build says of the tools on this description.
fn refused(manifest: &Tree, document: &Document, editions: &Editions) -> Vec<Fault> {
    let faults = Faults::default();
    if let Some(tree) = manifest.at(line(document)) {
        let silent = Faults::default();
        let (mut manifest, unread) = crate::read::manifest(
            crate::read::File {
                name: MANIFEST,
                faults: &silent,
            },
            &tree,
        );
        let given = Given {
            document,
            editions,
            unread: &unread,
        };
        plan(MANIFEST, &mut manifest, given, &faults);
    }
    faults.into_vec()
}

fn head(subject: &Subject<'_>, comparison: &Comparison<'_>) -> String {
    let count = |wanted: fn(&Fate<'_>) -> bool| {
        comparison
            .rows
            .iter()
            .filter(|row| wanted(&row.fate))
            .count()
    };
    let version = |document: &Document| document.version().unwrap_or("unknown").to_owned();
    format!(
        "{}: {} → {}   +{} −{} operations, {} moved, {} renamed",
        subject.title,
        version(subject.old),
        version(subject.new),
        comparison.added.len(),
        count(|fate| matches!(fate, Fate::Lost)),
        count(|fate| matches!(fate, Fate::Moved(_))),
        count(|fate| matches!(fate, Fate::Renamed(_))),
    )
}
