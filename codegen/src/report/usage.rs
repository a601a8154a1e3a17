//! Which operations the tools use, read from the manifest without knowing its language.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document::{Method, Operation, is_line, number_of_line};
use crate::report::compare::{route, without_names};

/// One mention of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The tool's name; the table's, where several tools share it.
    pub tool: String,
    /// Line in the manifest, from 1.
    pub at: usize,
    /// How the operation is named.
    pub reference: Reference,
}

/// How the manifest names an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// By operationId.
    Id(String),
    /// By method and path.
    Route(Method, String),
}

impl Reference {
    /// `GET /api/v1/configs` or an operationId.
    pub fn parse(text: &str) -> Self {
        text.split_once(' ')
            .and_then(|(method, path)| {
                Some(Self::Route(Method::parse(method)?, path.trim().to_owned()))
            })
            .unwrap_or_else(|| Self::Id(text.to_owned()))
    }

    /// Whether this names the operation.
    pub fn names(&self, operation: &Operation<'_>) -> bool {
        match self {
            Self::Id(id) => *id == operation.id,
            Self::Route(method, path) => route(operation) == (*method, without_names(path)),
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Route(method, path) => write!(f, "{} {path}", method.upper()),
        }
    }
}

/// Every `operation` of a manifest that holds for the line; for any line when none is given.
///
/// # Errors
///
/// The text is no TOML.
pub fn uses(manifest: &str, line: Option<&str>) -> Result<Vec<Use>, Box<toml::de::Error>> {
    let table = DeTable::parse(manifest)?;
    let mut walk = Walk {
        manifest,
        line,
        found: Vec::new(),
    };
    walk.table(table.get_ref(), &mut Vec::new(), None);
    walk.found.sort_by_key(|one| one.at);
    Ok(walk.found)
}

struct Walk<'a> {
    manifest: &'a str,
    line: Option<&'a str>,
    found: Vec<Use>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, place: &mut Vec<String>, tool: Option<&str>) {
        let name = tool.map(ToOwned::to_owned).or_else(|| {
            let is_tool = matches!(place.as_slice(), [only] if only == "tool");
            is_tool.then(|| text(table, "name")).flatten()
        });
        if text(table, "lines").is_some_and(|from| !self.holds_from(&from)) {
            return;
        }
        for (key, value) in table {
            if key.get_ref() == "operation" {
                let tool = name.clone().unwrap_or_else(|| place.join("."));
                self.operation(value, &tool);
            } else {
                place.push(key.get_ref().to_string());
                self.value(value.get_ref(), place, name.as_deref());
                place.pop();
            }
        }
    }

    fn value(&mut self, value: &DeValue<'_>, place: &mut Vec<String>, tool: Option<&str>) {
        match value {
            DeValue::Table(table) => self.table(table, place, tool),
            DeValue::Array(items) => {
                for item in items {
                    self.value(item.get_ref(), place, tool);
                }
            }
            _ => {}
        }
    }

    /// Text, or a table from line to text of which the latest that is not too late holds.
    fn operation(&mut self, value: &Spanned<DeValue<'_>>, tool: &str) {
        match value.get_ref() {
            DeValue::String(name) => self.push(tool, name, value.span()),
            DeValue::Table(lines) => {
                let mut named: Vec<_> = lines
                    .iter()
                    .filter(|(key, _)| is_line(key.get_ref()) && self.holds_from(key.get_ref()))
                    .collect();
                named.sort_by_key(|(key, _)| number_of_line(key.get_ref()));
                let first = if self.line.is_some() {
                    named.len().saturating_sub(1)
                } else {
                    0
                };
                for (_, value) in named.into_iter().skip(first) {
                    if let DeValue::String(name) = value.get_ref() {
                        self.push(tool, name, value.span());
                    }
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, tool: &str, name: &str, span: Range<usize>) {
        let before = self.manifest.get(..span.start).unwrap_or_default();
        self.found.push(Use {
            tool: tool.to_owned(),
            at: before.matches('\n').count() + 1,
            reference: Reference::parse(name),
        });
    }

    fn holds_from(&self, from: &str) -> bool {
        self.line
            .is_none_or(|line| number_of_line(from) <= number_of_line(line))
    }
}

fn text(table: &DeTable<'_>, wanted: &str) -> Option<String> {
    table
        .iter()
        .find(|(key, _)| key.get_ref() == wanted)
        .and_then(|(_, value)| match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        })
}
