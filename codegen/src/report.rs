//! What differs between two descriptions, and what of it touches our tools.

pub mod compare;
mod print;
pub mod usage;

use std::collections::BTreeSet;

use crate::document::{Document, Operation};
use crate::generate::{MANIFEST, OVERLAY};
use crate::overlay::{self, Editions};
use crate::plan::{Given, plan};
use crate::tree::{Fault, Faults, Tree};
use compare::{Change, Comparison, Fate, Row, compare, nearest};
use usage::{Use, uses};

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

/// What became of an operation that tools use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Same method, path and id, and everything it took is still taken.
    Unchanged,
    /// Same method, path and id; it no longer takes something.
    Changed,
    /// Same method and path, another id.
    Renamed,
    /// Same id, another method or path.
    Moved,
    /// Neither.
    Lost,
    /// Only the newer description has it.
    Added,
    /// The newer description is of an edition without it.
    NotInThisEdition,
    /// Not in the older description either: the build reports it.
    Unknown,
}

/// One operation that tools use.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// What became of it.
    pub status: Status,
    /// Id, or `old → new`.
    pub operation: String,
    /// Where it is, or what changed.
    pub detail: String,
    /// Each tool with what to edit.
    pub tools: Vec<String>,
}

/// Operations of the newer description that no tool uses.
#[derive(Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// Those that the older one lacks.
    pub new: Vec<String>,
    /// How many others there are.
    pub known: usize,
}

/// The report; its `Display` is what is printed.
#[derive(Debug)]
pub struct Report {
    /// `kestra 2.0: 2.0.3 → 2.0.4   +3 −1 operations, 1 moved`
    pub head: String,
    /// Operations that tools use.
    pub tools: Vec<Line>,
    /// Operations that no tool uses and that take something else, have another name or place.
    pub others: Vec<Line>,
    /// What the build says of the tools on the newer description, and not on the older one.
    pub to_edit: Vec<Fault>,
    /// Overlay entries that do nothing to the newer description.
    pub overlay: Vec<Fault>,
    /// Operations that no tool uses.
    pub uncovered: Uncovered,
    /// Operations that no tool used and that are lost.
    pub removed: Vec<String>,
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

/// The line of a description; without one no entry of manifest or overlay holds.
fn line(document: &Document) -> &str {
    document.line.as_deref().unwrap_or_default()
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

/// What the tools use of both descriptions.
struct Tools<'a> {
    old: &'a Document,
    new: &'a Document,
    editions: &'a Editions,
    /// As the manifest has it for the older line.
    before: Vec<Use>,
    /// As the manifest has it for the newer line.
    after: Vec<Use>,
    /// What the build says of the tools on the newer description alone.
    to_edit: &'a [Fault],
}

impl Tools<'_> {
    /// Whether a tool uses this operation of the newer description.
    fn uses(&self, operation: &Operation<'_>) -> bool {
        self.after.iter().any(|one| one.reference.names(operation))
    }

    /// What became of an operation that tools use, with what to edit in each.
    fn line(&self, row: &Row<'_>) -> Line {
        let line = self.line_of(row);
        let mentions = self.before.iter();
        let tools: BTreeSet<String> = mentions
            .filter(|one| one.reference.names(&row.old))
            .map(|one| match line.status {
                Status::NotInThisEdition => format!("{}: nothing to edit", one.tool),
                _ => self.to_edit(one),
            })
            .collect();
        Line {
            tools: tools.into_iter().collect(),
            ..line
        }
    }

    /// What the newer line needs of a step that the older one has.
    fn to_edit(&self, before: &Use) -> String {
        let tool = &before.tool;
        let Some(after) = self.after.iter().find(|one| one.is_where(before)) else {
            return format!("{tool}: without it on Kestra {}", line(self.new));
        };
        if let Some(fault) = self.to_edit.iter().find(|one| after.spans(one.line)) {
            return format!("{tool}: {MANIFEST}:{}", fault.line);
        }
        if after.table.says(&before.table) {
            format!("{tool}: nothing to edit")
        } else {
            format!("{tool}: edited in {}", after.file_and_line())
        }
    }

    /// What is to be edited, but for the operations that another edition has.
    fn in_this_edition(&self, comparison: &Comparison<'_>) -> Vec<Fault> {
        let elsewhere = comparison.rows.iter().filter(|row| self.is_elsewhere(row));
        let elsewhere: Vec<_> = elsewhere.map(|row| &row.old).collect();
        let spared = |fault: &&Fault| {
            let mut spared = self.after.iter().filter(|one| one.spans(fault.line));
            spared.any(|one| elsewhere.iter().any(|old| one.reference.names(old)))
        };
        let faults = self.to_edit.iter();
        faults.filter(|fault| !spared(fault)).cloned().collect()
    }

    /// Whether the newer description is of an edition without the operation.
    fn is_elsewhere(&self, row: &Row<'_>) -> bool {
        matches!(row.fate, Fate::Lost) && self.editions.lacks(self.new, &row.old.path)
    }

    fn line_of(&self, row: &Row<'_>) -> Line {
        let Row { old, fate } = row;
        let change = row.change();
        let (status, operation, detail) = match fate {
            Fate::Kept(new) => {
                let status = if change.removes() {
                    Status::Changed
                } else {
                    Status::Unchanged
                };
                let detail = if change.is_empty() {
                    place(new)
                } else {
                    change.to_string()
                };
                (status, old.id.clone(), detail)
            }
            Fate::Renamed(new) => {
                let name = format!("{} → {}", old.id, new.id);
                (Status::Renamed, name, joined(place(new), &change))
            }
            Fate::Moved(new) => {
                let detail = format!("{} → {}", place(old), place(new));
                (Status::Moved, old.id.clone(), joined(detail, &change))
            }
            Fate::Lost if self.is_elsewhere(row) => {
                (Status::NotInThisEdition, old.id.clone(), place(old))
            }
            Fate::Lost => {
                let detail = nearest(old, self.new).map_or_else(
                    || "nothing like it".to_owned(),
                    |near| format!("nearest {} ({})", near.id, place(&near)),
                );
                (Status::Lost, old.id.clone(), detail)
            }
        };
        Line {
            status,
            operation,
            detail,
            tools: Vec::new(),
        }
    }

    /// Nothing when the operation is as it was.
    fn line_of_unused(&self, row: &Row<'_>) -> Option<Line> {
        let line = self.line_of(row);
        match line.status {
            Status::Unchanged if row.change().is_empty() => None,
            Status::Unchanged => Some(Line {
                status: Status::Changed,
                ..line
            }),
            _ => Some(line),
        }
    }

    /// Operations that only the newer description has, and that a tool uses already.
    fn added(&self, comparison: &Comparison<'_>) -> Vec<Line> {
        let mut lines = Vec::new();
        for operation in &comparison.added {
            let mentions = self.after.iter();
            let tools: BTreeSet<String> = mentions
                .filter(|one| one.reference.names(operation))
                .map(|one| format!("{}: edited in {}", one.tool, one.file_and_line()))
                .collect();
            if !tools.is_empty() {
                lines.push(Line {
                    status: Status::Added,
                    operation: operation.id.clone(),
                    detail: place(operation),
                    tools: tools.into_iter().collect(),
                });
            }
        }
        lines
    }

    /// What the older line names and its description lacks.
    fn unknown(&self) -> Vec<Line> {
        let known = |one: &&Use| {
            let mut operations = self.old.operations();
            operations.any(|operation| one.reference.names(&operation))
        };
        let lost = self.before.iter().filter(|one| !known(one));
        lost.map(|one| Line {
            status: Status::Unknown,
            operation: one.reference.to_string(),
            detail: "not in the vendored description".to_owned(),
            tools: vec![format!("{}: {}", one.tool, one.file_and_line())],
        })
        .collect()
    }
}

impl Use {
    /// `tool-manifest.toml:42`
    fn file_and_line(&self) -> String {
        format!("{MANIFEST}:{}", self.at)
    }
}

impl Change {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn joined(detail: String, change: &Change) -> String {
    if change.is_empty() {
        detail
    } else {
        format!("{detail}, {change}")
    }
}

/// `GET …/flows/search`: the tenant's prefix is the same everywhere.
fn place(operation: &Operation<'_>) -> String {
    let path = match operation.path.strip_prefix("/api/v1/{tenant}/") {
        Some(rest) => format!("…/{rest}"),
        None => operation.path.clone(),
    };
    format!("{} {path}", operation.method.upper())
}
