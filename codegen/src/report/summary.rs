//! What a report says.

use crate::fault::Fault;

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
    /// Only the newer description has it.
    Added,
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

/// Operations of the newer description that no tool uses.
#[derive(Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// Those that the older one lacks.
    pub new: Vec<String>,
    /// How many others there are.
    pub known: usize,
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
    /// What the build says of the tools on the newer description, and not on the older one.
    pub to_edit: Vec<Fault>,
    /// Overlay entries that do nothing to the newer description.
    pub overlay: Vec<Fault>,
    /// Operations that no tool uses.
    pub uncovered: Uncovered,
    /// Operations that no tool used and that are lost.
    pub removed: Vec<String>,
}
