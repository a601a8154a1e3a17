//! YAML as Kestra parses it: the grammar of `SnakeYAML`, Jackson's scalars and aliases, and only the
//! first document.

mod error;
mod event;
mod location;
mod message;
mod node;
mod scalar;
mod tab;

pub(crate) use error::{PathStep, YamlError, parsing_error};
pub(crate) use node::{Content, Node};

use event::{Event, Events, MAX_DEPTH};
use location::Location;

/// How duplicate keys of a mapping are handled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DuplicateKeys {
    /// The source is rejected.
    Refused,
    /// The last one wins.
    LastWins,
}

/// Parses the first document; like Kestra, it ignores the rest. `None` if the source has no
/// document.
pub(crate) fn first_document(
    source: &str,
    duplicates: DuplicateKeys,
) -> Result<Option<Node>, YamlError> {
    let mut events = Events::new(source);
    let mut builder = Builder {
        duplicates,
        open: Vec::new(),
    };
    loop {
        let read = events.next();
        match read.map_err(|fault| fault.within(builder.chain()))? {
            None => return Ok(None),
            Some((event, start, end)) => {
                if let Some(node) = builder.take(event, start, end)? {
                    return Ok(Some(node));
                }
            }
        }
    }
}

/// Builds nodes without recursion, because sources can be deeply nested.
struct Builder {
    duplicates: DuplicateKeys,
    open: Vec<Open>,
}

/// A collection that has not ended.
struct Open {
    location: Location,
    content: Content,
    /// In a mapping: the key whose value comes next.
    key: Option<String>,
}

impl Builder {
    fn take(
        &mut self,
        event: Event,
        start: Location,
        end: Location,
    ) -> Result<Option<Node>, YamlError> {
        let keyed = self
            .open
            .last()
            .is_some_and(|open| matches!(open.content, Content::Map(_)) && open.key.is_none());
        let content = match event {
            Event::End => {
                let Some(open) = self.open.pop() else {
                    return Ok(None);
                };
                let (location, content) = (open.location, open.content);
                return Ok(self.put(Node { location, content }));
            }
            Event::Scalar { text, .. } if keyed => {
                self.key(text, end)?;
                return Ok(None);
            }
            _ if keyed => return Err(YamlError::structure(end).within(self.chain())),
            Event::Scalar { text, plain } => Content::Scalar { text, plain },
            Event::Alias(text) => Content::Scalar { text, plain: false },
            Event::List => return self.begin(Content::Seq(Vec::new()), start),
            Event::Mapping => return self.begin(Content::Map(Vec::new()), start),
        };
        let location = start;
        Ok(self.put(Node { location, content }))
    }

    fn begin(&mut self, content: Content, location: Location) -> Result<Option<Node>, YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::new(
                format!(
                    "Document nesting depth ({}) exceeds the maximum allowed ({MAX_DEPTH}, from \
                     `StreamReadConstraints.getMaxNestingDepth()`)",
                    MAX_DEPTH + 1
                ),
                location,
            ));
        }
        self.open.push(Open {
            location,
            content,
            key: None,
        });
        Ok(None)
    }

    fn key(&mut self, name: String, end: Location) -> Result<(), YamlError> {
        let (refused, chain) = (self.duplicates == DuplicateKeys::Refused, self.chain());
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let Content::Map(pairs) = &open.content else {
            return Ok(());
        };
        if refused && pairs.iter().any(|(key, _)| *key == name) {
            let fault = YamlError::new(format!("Duplicate field '{name}'"), end);
            return Err(fault.within(chain));
        }
        open.key = Some(name);
        Ok(())
    }

    /// Adds a complete node to the open collection; returns it if it is the document.
    fn put(&mut self, node: Node) -> Option<Node> {
        let Some(open) = self.open.last_mut() else {
            return Some(node);
        };
        match &mut open.content {
            Content::Map(pairs) => {
                let key = open.key.take().unwrap_or_default();
                match pairs.iter_mut().find(|(name, _)| *name == key) {
                    Some((_, old)) => *old = node,
                    None => pairs.push((key, node)),
                }
            }
            Content::Seq(items) => items.push(node),
            Content::Scalar { .. } => {}
        }
        None
    }

    /// The path to the innermost open collection.
    fn chain(&self) -> Vec<PathStep> {
        let outer = self.open.len().saturating_sub(1);
        self.open
            .iter()
            .take(outer)
            .map(|open| match &open.content {
                Content::Map(_) => PathStep::Key(open.key.clone().unwrap_or_default()),
                Content::Seq(items) => PathStep::Item(items.len()),
                Content::Scalar { .. } => PathStep::Item(0),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
