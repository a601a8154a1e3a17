//! A call of a tool, and its reply.

use serde_json::{Map, Value};

use super::definition::Tool;

/// A tool with its arguments, before policy has seen it.
#[derive(Debug)]
pub struct Call {
    /// The tool.
    pub tool: &'static Tool,
    /// As the client sent them, then checked and normalised by [`super::arguments::check`].
    pub arguments: Map<String, Value>,
}

/// What a call answers: the structured content.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply(pub Value);
