//! TOML text to a tree.

use toml::de::{DeTable, DeValue};

use super::{Node, Tree};
use crate::fault::Faults;

impl Tree {
    /// The root table of `text`.
    pub fn parse(file: &str, text: &str, faults: &Faults) -> Option<Self> {
        let lines = Lines::new(text);
        match DeTable::parse(text) {
            Ok(table) => Some(Self {
                line: 1,
                column: 1,
                node: lines.table(table.get_ref()),
            }),
            Err(error) => {
                let place = error.span().map_or((1, 1), |span| lines.place(span.start));
                faults.at(file, place, error.message());
                None
            }
        }
    }
}

/// Offsets at which a text's lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(ends.map(|(offset, _)| offset + 1))
                .collect(),
        )
    }

    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|begin| *begin <= offset)
    }

    /// Line and column of `offset`, from 1.
    fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.of(offset);
        let begin = self.0.get(line - 1).copied().unwrap_or_default();
        (line, offset - begin + 1)
    }

    /// The tree of what begins at `offset`.
    fn tree(&self, offset: usize, node: Node) -> Tree {
        let (line, column) = self.place(offset);
        Tree { line, column, node }
    }

    fn table(&self, table: &DeTable<'_>) -> Node {
        let mut entries: Vec<(usize, String, Tree)> = table
            .iter()
            .map(|(key, value)| {
                let start = key.span().start;
                let tree = self.tree(start, self.node(value.get_ref()));
                (start, key.get_ref().to_string(), tree)
            })
            .collect();
        entries.sort_by_key(|(start, ..)| *start);
        Node::Table(
            entries
                .into_iter()
                .map(|(_, key, tree)| (key, tree))
                .collect(),
        )
    }

    fn node(&self, value: &DeValue<'_>) -> Node {
        match value {
            DeValue::String(text) => Node::Text(text.to_string()),
            DeValue::Integer(number) => {
                let text = number.as_str().replace('_', "");
                Node::Integer(i64::from_str_radix(&text, number.radix()).unwrap_or(i64::MAX))
            }
            DeValue::Float(number) => Node::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Node::Boolean(*flag),
            DeValue::Datetime(date) => Node::Text(date.to_string()),
            DeValue::Array(items) => {
                let tree = |item: &toml::Spanned<DeValue<'_>>| {
                    self.tree(item.span().start, self.node(item.get_ref()))
                };
                Node::Array(items.iter().map(tree).collect())
            }
            DeValue::Table(table) => self.table(table),
        }
    }
}
