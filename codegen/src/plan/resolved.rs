//! The operations that steps call.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::Method;

/// An operation that a step calls.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Its id.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// `Accept`.
    pub accept: String,
    /// Its parameters, as normalised.
    pub parameters: Vec<Parameter>,
    /// The media type of the body.
    pub body: Option<String>,
    /// The body must be given.
    pub body_required: bool,
    /// What the description says of the body.
    pub schema: Option<Value>,
    /// Values of path parameters that would make the path another route.
    pub collisions: Vec<Vec<(String, String)>>,
    /// The edition that serves it.
    pub needs: Option<String>,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands: `path`, `query`, `header`.
    pub place: String,
    /// Its type, for messages.
    pub kind: String,
    /// Whether it must be given.
    pub required: bool,
}

/// What the tools call on one line, by tool and step; probes stand under [`PROBE`].
pub type Plan = BTreeMap<(String, String), Resolved>;

/// The owner of probes in a [`Plan`].
pub const PROBE: &str = "probe";

/// `name` of `{name}`.
pub fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
