//! What a build works out beside the manifest: the tools of one line with their routes and schemas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Keep;

/// What a build works out for one line.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Line {
    /// The operations that are used, by id.
    pub operations: BTreeMap<String, Operation>,
    /// The tools, by name; under `name/setting` what they are where the operator has set something.
    pub tools: BTreeMap<String, Made>,
    /// The requests of the probes, by name.
    pub probes: BTreeMap<String, Request>,
}

/// An operation of the description.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Upper case.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// Media types that the description names for answers.
    pub accept: String,
    /// The media type of the body.
    pub body: Option<String>,
    /// Values of path parameters that would make the path another route, each row together.
    pub collisions: Vec<Vec<(String, String)>>,
}

/// What a build works out of a tool.
#[derive(Debug, Serialize, Deserialize)]
pub struct Made {
    /// JSON Schema of the arguments, as JSON text.
    pub input_schema: String,
    /// JSON Schema of the result, as JSON text.
    pub output_schema: String,
    /// It needs Kestra Enterprise.
    pub enterprise: bool,
    /// Its requests, by the name of the step.
    pub requests: BTreeMap<String, Request>,
    /// What is refused before anything is sent: these words in these places, all of a row together.
    /// A place is written as a reference.
    pub reserved: Vec<Vec<(String, String)>>,
}

/// What a build works out of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// A key of [`Line::operations`].
    pub operation: String,
    /// What is kept of the answer.
    pub keep: Keep,
    /// Whether it changes nothing.
    pub reads: bool,
    /// Kestra Enterprise alone serves it.
    pub enterprise: bool,
}
