//! The fields that each resource can be filtered by, and their operations.

use super::operation::Op;

/// All fields that Kestra knows, for any resource.
pub(super) const FIELDS: [&str; 38] = [
    "childFilter",
    "metadata",
    "triggerState",
    "endDate",
    "parentPath",
    "triggerExecutionId",
    "type",
    "taskRunId",
    "path",
    "flowRevision",
    "assetId",
    "scope",
    "id",
    "state",
    "flowId",
    "expirationDate",
    "timeRange",
    "workerId",
    "level",
    "kind",
    "created",
    "triggerId",
    "version",
    "labels",
    "q",
    "executionId",
    "existingOnly",
    "namespace",
    "updated",
    "startDate",
    "taskId",
    "username",
    "tags",
    "enabled",
    "status",
    "parentId",
    "locked",
    "attemptNumber",
];

/// The index in [`FIELDS`] from which fields are known to 2.0 only.
pub(super) const SINCE_V2: usize = 32;

use Op::{
    AtLeast, AtMost, Contains, EndsWith, Equals, Greater, In, Less, NotEquals, NotIn, Prefix,
    StartsWith,
};

const IS: &[Op] = &[Equals, NotEquals];
const ONE_OF: &[Op] = &[Equals, NotEquals, In, NotIn];
const TEXT: &[Op] = &[Equals, NotEquals, Contains, StartsWith, EndsWith, In, NotIn];
const NAME: &[Op] = &[
    Equals,
    NotEquals,
    Contains,
    StartsWith,
    EndsWith,
    Op::Regex,
    In,
    NotIn,
    Prefix,
];
const LABEL: &[Op] = &[Equals, NotEquals, In, NotIn, Contains];
const DATE: &[Op] = &[Equals, NotEquals, Greater, Less, AtLeast, AtMost];
const RANGE: &[Op] = &[AtLeast, AtMost];

/// A searchable resource: its fields, each with its operations.
pub(crate) type Resource = &'static [(&'static str, &'static [Op])];

pub(crate) const FLOW: Resource = &[
    ("q", IS),
    ("scope", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("labels", LABEL),
];
pub(crate) const EXECUTION: Resource = &[
    ("q", IS),
    ("scope", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("startDate", DATE),
    ("endDate", DATE),
    ("timeRange", &[Equals]),
    ("state", ONE_OF),
    ("labels", LABEL),
    ("triggerExecutionId", TEXT),
    ("childFilter", IS),
    ("kind", ONE_OF),
];
pub(crate) const EXECUTION_V2: Resource = &[
    ("q", IS),
    ("scope", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("startDate", DATE),
    ("endDate", DATE),
    ("timeRange", &[Equals]),
    ("state", ONE_OF),
    ("labels", LABEL),
    ("triggerExecutionId", TEXT),
    ("childFilter", IS),
    ("kind", ONE_OF),
    ("parentId", TEXT),
];
pub(crate) const LOG_V1: Resource = &[
    ("q", IS),
    ("scope", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("triggerId", TEXT),
    ("executionId", TEXT),
    ("startDate", DATE),
    ("endDate", DATE),
    ("timeRange", &[Equals]),
    ("level", IS),
];
pub(crate) const LOG_V2: Resource = &[
    ("q", IS),
    ("scope", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("triggerId", TEXT),
    ("executionId", TEXT),
    ("startDate", DATE),
    ("endDate", DATE),
    ("timeRange", &[Equals]),
    ("taskId", TEXT),
    ("taskRunId", TEXT),
    ("attemptNumber", ONE_OF),
    ("level", RANGE),
];
pub(crate) const TRIGGER: Resource = &[
    ("q", IS),
    ("scope", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("triggerId", TEXT),
    ("workerId", TEXT),
    ("triggerState", IS),
    ("startDate", DATE),
    ("endDate", DATE),
    ("timeRange", &[Equals]),
];
pub(crate) const KV: Resource = &[
    ("q", IS),
    ("namespace", NAME),
    ("updated", DATE),
    ("expirationDate", DATE),
];
pub(crate) const NAMESPACE: Resource = &[("q", IS), ("namespace", NAME)];
pub(crate) const GROUP: Resource = &[("q", IS)];
pub(crate) const APP: Resource = &[
    ("q", IS),
    ("namespace", NAME),
    ("flowId", NAME),
    ("tags", &[In, NotIn, Contains]),
    ("enabled", IS),
];
