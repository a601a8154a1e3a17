//! The report as text.

use std::fmt;

use super::compare::{Change, Names};
use super::summary::{Line, Report, Status};

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
            Self::Added => "added",
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
        let faults = [
            ("to edit", "refused by the build", &self.to_edit),
            ("overlay", "without effect", &self.overlay),
        ];
        for (name, what, list) in faults {
            if !list.is_empty() {
                writeln!(f, "{name:9} {} {what}", list.len())?;
                list.iter().try_for_each(|fault| writeln!(f, "  {fault}"))?;
            }
        }
        let list = |places: &[String]| match places {
            [] => String::new(),
            places => format!(": {}", places.join(", ")),
        };
        let uncovered = &self.uncovered;
        writeln!(
            f,
            "uncovered {} new of {}{}",
            uncovered.new.len(),
            uncovered.new.len() + uncovered.known,
            list(&uncovered.new),
        )?;
        if !self.removed.is_empty() {
            let removed = list(&self.removed);
            writeln!(
                f,
                "removed   {} used by no tool{removed}",
                self.removed.len()
            )?;
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
