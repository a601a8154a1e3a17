//! What became of the operations that tools use.

use std::collections::BTreeSet;

use super::compare::{Change, Comparison, Fate, Row, nearest};
use super::summary::{Line, Status};
use super::usage::Use;
use crate::document::{Document, Operation};
use crate::fault::Fault;
use crate::overlay::Editions;
use crate::project::MANIFEST;

/// What the tools use of both descriptions.
pub(super) struct Tools<'a> {
    pub(super) old: &'a Document,
    pub(super) new: &'a Document,
    pub(super) editions: &'a Editions,
    /// As the manifest has it for the older line.
    pub(super) before: Vec<Use>,
    /// As the manifest has it for the newer line.
    pub(super) after: Vec<Use>,
    /// What the build says of the tools on the newer description alone.
    pub(super) to_edit: &'a [Fault],
}

impl Tools<'_> {
    /// Whether a tool uses this operation of the newer description.
    pub(super) fn uses(&self, operation: &Operation<'_>) -> bool {
        self.after.iter().any(|one| one.reference.names(operation))
    }

    /// What became of an operation that tools use, with what to edit in each.
    pub(super) fn line(&self, row: &Row<'_>) -> Line {
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
    pub(super) fn in_this_edition(&self, comparison: &Comparison<'_>) -> Vec<Fault> {
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
    pub(super) fn line_of_unused(&self, row: &Row<'_>) -> Option<Line> {
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
    pub(super) fn added(&self, comparison: &Comparison<'_>) -> Vec<Line> {
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
    pub(super) fn unknown(&self) -> Vec<Line> {
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
pub(super) fn place(operation: &Operation<'_>) -> String {
    let path = match operation.path.strip_prefix("/api/v1/{tenant}/") {
        Some(rest) => format!("…/{rest}"),
        None => operation.path.clone(),
    };
    format!("{} {path}", operation.method.upper())
}

/// The line of a description; without one no entry of manifest or overlay holds.
pub(super) fn line(document: &Document) -> &str {
    document.line.as_deref().unwrap_or_default()
}
