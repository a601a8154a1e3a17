//! A tree as it holds for one Kestra line.

use super::{Node, Tree};
use crate::document::{is_line, number_of_line};
use crate::fault::Faults;
use crate::project::LINES;

impl Tree {
    /// The tree as it holds for `line`: per-line tables `{ "1.3" = …, "2.0" = … }` give the value
    /// of the newest key that is not after it, and what carries `lines` (from) or `before` (until)
    /// is dropped where it does not hold.
    pub fn at(&self, line: &str) -> Option<Self> {
        let node = match &self.node {
            Node::Table(entries) if is_per_line(entries) => {
                let held = |key: &str| number_of_line(key) <= number_of_line(line);
                let newest = entries
                    .iter()
                    .filter(|(key, _)| held(key))
                    .max_by_key(|(key, _)| number_of_line(key))?;
                return newest.1.at(line);
            }
            Node::Table(entries) => {
                if !holds(entries, line) {
                    return None;
                }
                let kept = entries.iter().filter(|(key, value)| !is_limit(key, value));
                Node::Table(
                    kept.filter_map(|(key, value)| Some((key.clone(), value.at(line)?)))
                        .collect(),
                )
            }
            Node::Array(items) => {
                Node::Array(items.iter().filter_map(|item| item.at(line)).collect())
            }
            scalar => scalar.clone(),
        };
        Some(Self { node, ..*self })
    }

    /// Notes every `lines` and `before` that names no line, which would hold everywhere.
    pub fn check_lines(&self, file: &str, faults: &Faults) {
        match &self.node {
            Node::Table(entries) => {
                let by_line = is_per_line(entries);
                for (key, value) in entries {
                    if by_line && !LINES.iter().any(|(line, ..)| line == key) {
                        let lines = LINES.map(|(line, ..)| line).join(", ");
                        let message = format!("no line \"{key}\"; the lines are {lines}");
                        faults.at(file, (value.line, value.column), message);
                    }
                    if is_limit(key, value) && !value.as_text().is_some_and(is_line) {
                        let message = format!("`{key}` takes a Kestra line, such as \"2.0\"");
                        faults.at(file, (value.line, value.column), message);
                    }
                    value.check_lines(file, faults);
                }
            }
            Node::Array(items) => items.iter().for_each(|item| item.check_lines(file, faults)),
            _ => {}
        }
    }
}

/// Whether an entry says where its table holds. A step may be called so too; that is a table.
fn is_limit(key: &str, value: &Tree) -> bool {
    matches!(key, "lines" | "before") && !matches!(value.node, Node::Table(_))
}

fn is_per_line(entries: &[(String, Tree)]) -> bool {
    !entries.is_empty() && entries.iter().all(|(key, _)| number_of_line(key).is_some())
}

fn holds(entries: &[(String, Tree)], line: &str) -> bool {
    let bound = |name: &str| {
        let (_, value) = entries.iter().find(|(key, _)| key == name)?;
        number_of_line(value.as_text()?)
    };
    let line = number_of_line(line);
    bound("lines").is_none_or(|from| line >= Some(from))
        && bound("before").is_none_or(|until| line < Some(until))
}
