//! What validation says of a source.

use super::{Invalid, advice, constraint, shape};
use crate::{settings::Dialect, yaml::Node};

/// What validation says of a source that can be read as a flow.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// As read, which need not be as written.
    pub(crate) namespace: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) revision: Option<i64>,
    /// Where it uses what is deprecated.
    pub(crate) deprecated: Vec<String>,
    /// Names that have others today.
    pub(crate) replaced: Vec<String>,
    /// Namespace and id of each flow that it starts.
    pub(crate) started: Vec<(String, String)>,
    /// The constraints that it breaks.
    pub(crate) broken: Option<Invalid>,
}

impl Verdict {
    /// Looks at a source as validation does, which knows nothing of the first step of a save.
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

/// Looks at a task or a trigger alone.
pub(crate) fn validate_part(
    source: &str,
    is_trigger: bool,
    dialect: Dialect,
) -> Result<(), Invalid> {
    let node = shape::map(source)?;
    shape::part(&node, is_trigger, dialect)?;
    constraint::part(&node, is_trigger, dialect)
}
