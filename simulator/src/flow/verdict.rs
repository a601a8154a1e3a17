//! The result of validating a source.

use super::{Invalid, advice, constraint, shape};
use crate::{settings::Dialect, yaml::Node};

/// The result of validating a source that can be deserialized.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The resolved scalar, which can differ from what is written.
    pub(crate) namespace: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) revision: Option<i64>,
    /// The paths of deprecated properties and types.
    pub(crate) deprecated: Vec<String>,
    /// Messages about renamed types.
    pub(crate) replaced: Vec<String>,
    /// The namespace and id of each flow that it starts.
    pub(crate) started: Vec<(String, String)>,
    /// The constraints that it violates.
    pub(crate) broken: Option<Invalid>,
}

impl Verdict {
    /// Validates a source. This does not include the first step of a save.
    pub(crate) fn of(source: &str, dialect: Dialect) -> Result<Self, Invalid> {
        let node = shape::map(source)?;
        shape::flow(&node, dialect)?;
        let text = |key: &str| node.get(key).and_then(Node::resolved_text);
        Ok(Self {
            namespace: text("namespace"),
            id: text("id"),
            revision: node.get("revision").and_then(|node| node.value().as_i64()),
            deprecated: advice::deprecated(&node, dialect),
            replaced: advice::replaced(&node, dialect),
            started: advice::started(&node, dialect),
            broken: constraint::check(&node, dialect).err(),
        })
    }
}

/// Validates a single task or trigger.
pub(crate) fn validate_part(
    source: &str,
    is_trigger: bool,
    dialect: Dialect,
) -> Result<(), Invalid> {
    let node = shape::map(source)?;
    shape::part(&node, is_trigger, dialect)?;
    constraint::part(&node, is_trigger, dialect)
}
