//! Which operations the tools use, read from the manifest without knowing its language.

use std::fmt;

use crate::document::{Method, Operation, without_names};
use crate::tree::{Node, Tree};

/// One mention of an operation.
#[derive(Debug, Clone)]
pub struct Use {
    /// The tool's name; the table's, where several tools share it.
    pub tool: String,
    /// The table that mentions it, below the tool: `step.call`.
    pub place: String,
    /// Line in the manifest, from 1.
    pub at: usize,
    /// How the operation is named.
    pub reference: Reference,
    /// Everything that the table says.
    pub table: Tree,
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
            Self::Route(method, path) => operation.shape() == (*method, without_names(path)),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Route(method, path) => write!(f, "{} {path}", method.upper()),
        }
    }
}

impl Use {
    /// Whether both stand in the same table of the same tool.
    pub fn is_where(&self, other: &Self) -> bool {
        self.tool == other.tool && self.place == other.place
    }

    /// Whether a line of the manifest stands in the table.
    pub fn spans(&self, line: usize) -> bool {
        (self.table.line..=last_line(&self.table)).contains(&line)
    }
}

/// Every `operation` of a manifest that holds for the line, in the order of the file.
pub fn uses(manifest: &Tree, line: &str) -> Vec<Use> {
    let mut found = Vec::new();
    if let Some(tree) = manifest.at(line) {
        walk(&tree, None, &mut Vec::new(), &mut found);
    }
    found.sort_by_key(|one: &Use| one.at);
    found
}

fn last_line(tree: &Tree) -> usize {
    let inner = match &tree.node {
        Node::Table(entries) => entries.iter().map(|(_, value)| last_line(value)).max(),
        Node::Array(items) => items.iter().map(last_line).max(),
        _ => None,
    };
    inner.unwrap_or_default().max(tree.line)
}

fn walk(tree: &Tree, tool: Option<&str>, place: &mut Vec<String>, found: &mut Vec<Use>) {
    match &tree.node {
        Node::Table(entries) => {
            let get = |key: &str| {
                let entry = entries.iter().find(|(known, _)| known == key);
                entry.map(|(_, value)| value)
            };
            if tool.is_none()
                && place.as_slice() == ["tool"]
                && let Some(name) = get("name").and_then(Tree::as_text)
            {
                return walk(tree, Some(name), &mut Vec::new(), found);
            }
            for (key, value) in entries {
                if let (true, Some(name)) = (key == "operation", value.as_text()) {
                    found.push(Use {
                        tool: tool.map_or_else(|| place.join("."), ToOwned::to_owned),
                        place: place.join("."),
                        at: value.line,
                        reference: Reference::parse(name),
                        table: tree.clone(),
                    });
                } else {
                    place.push(key.clone());
                    walk(value, tool, place, found);
                    place.pop();
                }
            }
        }
        Node::Array(items) => items.iter().for_each(|item| walk(item, tool, place, found)),
        _ => {}
    }
}
