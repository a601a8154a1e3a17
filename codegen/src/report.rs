//! What differs between two descriptions, and what of it touches our tools.

pub mod compare;
pub mod overlay;
pub mod usage;

use std::collections::BTreeSet;
use std::fmt;

use crate::document::{Document, Operation};
use compare::{Change, Comparison, Fate, Names, Row, compare, nearest};
use overlay::Overlay;
use usage::{Reference, Use};

/// Two descriptions, and what the tools use of them.
#[derive(Debug)]
pub struct Subject<'a> {
    /// `kestra 2.0`, or two file names.
    pub title: String,
    /// What the tools are written against.
    pub old: &'a Document,
    /// What may take its place.
    pub new: &'a Document,
    /// `tool-manifest.toml`, or nothing.
    pub uses: &'a [Use],
    /// `openapi/overlay.toml`, or nothing.
    pub overlay: &'a Overlay,
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

/// The report; its `Display` is what is printed.
#[derive(Debug)]
pub struct Report {
    /// `kestra 2.0: 2.0.3 → 2.0.4   +3 −1 operations, 1 moved`
    pub head: String,
    /// Operations that tools use.
    pub tools: Vec<Line>,
    /// Operations that no tool uses and that take something else, have another name or place.
    pub others: Vec<Line>,
    /// Operations that no tool uses and that are lost.
    pub removed: Vec<String>,
    /// Overlay entries that the newer description makes superfluous.
    pub overlay: Vec<String>,
    /// Operations that only the newer description has.
    pub added: Vec<String>,
}

/// Compares and reports.
pub fn report(subject: &Subject<'_>) -> Report {
    let Subject {
        old,
        new,
        uses,
        overlay,
        ..
    } = subject;
    let vendored = compare(old, new);
    let extra = overlay.added_to(old);
    let laid_over = compare(&extra, new);
    let mut tools = Vec::new();
    let mut others = Vec::new();
    let mut removed = Vec::new();
    for row in &vendored.rows {
        if uses.iter().any(|one| one.reference.names(&row.old)) {
            let line = Line::of(row, subject);
            tools.extend(line.used_by(&row.old, &row.fate, uses));
        } else if row.fate.found().is_none() {
            removed.push(place(&row.old));
        } else {
            others.extend(Line::of_unused(row, subject));
        }
    }
    for row in &laid_over.rows {
        let mut line = Line::of(row, subject);
        if matches!(row.fate, Fate::Lost) {
            line.status = Status::Unchanged;
            line.detail = format!("{} (overlay)", place(&row.old));
        }
        tools.extend(line.used_by(&row.old, &row.fate, uses));
    }
    tools.extend(unknown(&[old, &extra], uses));
    let superfluous = laid_over
        .rows
        .iter()
        .filter(|row| row.fate.found().is_some());
    Report {
        head: head(subject, &vendored),
        tools,
        others,
        removed,
        overlay: superfluous
            .map(|row| format!("{} ({})", row.old.id, place(&row.old)))
            .collect(),
        added: vendored.added.iter().map(place).collect(),
    }
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

fn unknown(documents: &[&Document], uses: &[Use]) -> Vec<Line> {
    let known = |one: &Use| {
        let mut operations = documents.iter().flat_map(|document| document.operations());
        operations.any(|operation| one.reference.names(&operation))
    };
    uses.iter()
        .filter(|one| !known(one))
        .map(|one| Line {
            status: Status::Unknown,
            operation: one.reference.to_string(),
            detail: "not in the vendored description".to_owned(),
            tools: vec![one.place()],
        })
        .collect()
}

impl Line {
    fn of(row: &Row<'_>, subject: &Subject<'_>) -> Self {
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
            Fate::Lost if subject.overlay.other_edition(old, subject.new) => {
                (Status::NotInThisEdition, old.id.clone(), place(old))
            }
            Fate::Lost => {
                let detail = nearest(old, subject.new).map_or_else(
                    || "nothing like it".to_owned(),
                    |near| format!("nearest {} ({})", near.id, place(&near)),
                );
                (Status::Lost, old.id.clone(), detail)
            }
        };
        Self {
            status,
            operation,
            detail,
            tools: Vec::new(),
        }
    }

    /// Nothing when the operation is as it was.
    fn of_unused(row: &Row<'_>, subject: &Subject<'_>) -> Option<Self> {
        let line = Self::of(row, subject);
        match line.status {
            Status::Unchanged if row.change().is_empty() => None,
            Status::Unchanged => Some(Self {
                status: Status::Changed,
                ..line
            }),
            _ => Some(line),
        }
    }

    /// The line with the tools that use the operation, if any.
    fn used_by(self, old: &Operation<'_>, fate: &Fate<'_>, uses: &[Use]) -> Option<Self> {
        let mentions = uses.iter().filter(|one| one.reference.names(old));
        let tools: BTreeSet<String> = mentions
            .map(|one| match (self.status, fate, &one.reference) {
                (Status::Unchanged | Status::NotInThisEdition, ..)
                | (_, Fate::Renamed(_), Reference::Route(..))
                | (_, Fate::Moved(_), Reference::Id(_)) => {
                    format!("{}: nothing to edit", one.tool)
                }
                _ => one.place(),
            })
            .collect();
        (!tools.is_empty()).then(|| Self {
            tools: tools.into_iter().collect(),
            ..self
        })
    }
}

impl Use {
    /// `get_flow: tool-manifest.toml:42`
    fn place(&self) -> String {
        format!("{}: tool-manifest.toml:{}", self.tool, self.at)
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

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("path", &self.path),
            ("query", &self.query),
            ("body", &self.body),
        ];
        let changed = parts
            .iter()
            .filter(|(_, names)| **names != Names::default());
        for (number, (part, names)) in changed.enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{part}")?;
            names
                .removed
                .iter()
                .try_for_each(|name| write!(f, " −{name}"))?;
            names
                .added
                .iter()
                .try_for_each(|name| write!(f, " +{name}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
            Self::Lost => "lost",
            Self::NotInThisEdition => "not in this edition",
            Self::Unknown => "unknown",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        lines(f, &self.tools)?;
        if !self.others.is_empty() {
            writeln!(f, "used by no tool")?;
            lines(f, &self.others)?;
        }
        let lists = [
            ("overlay", "now described", &self.overlay),
            ("uncovered", "new", &self.added),
            ("removed", "used by no tool", &self.removed),
        ];
        for (name, what, list) in lists {
            if !list.is_empty() {
                writeln!(f, "{name:9} {} {what}: {}", list.len(), list.join(", "))?;
            }
        }
        Ok(())
    }
}

fn lines(f: &mut fmt::Formatter<'_>, lines: &[Line]) -> fmt::Result {
    let width = |text: fn(&Line) -> usize| lines.iter().map(text).max().unwrap_or_default();
    let status = width(|line| line.status.to_string().chars().count());
    let operation = width(|line| line.operation.chars().count());
    let detail = width(|line| line.detail.chars().count()).min(70);
    for line in lines {
        let start = format!("  {:status$}  {:operation$}  ", line.status, line.operation);
        let tools = line.tools.join(", ");
        writeln!(
            f,
            "{}",
            format!("{start}{:detail$}  {tools}", line.detail).trim_end()
        )?;
    }
    Ok(())
}
