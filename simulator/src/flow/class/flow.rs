//! The classes of a flow.

use super::{Class, Enum, INPUTS, Kind, Lines, Property, TASKS, TRIGGER, any, is, text, v1, v2};

/// Validation and the second step of a save deserialize into this class.
pub(in crate::flow) static FLOW: Class = Class {
    name: "io.kestra.core.models.flows.FlowWithSource",
    open: false,
    properties: &[
        v1("workerGroup"),
        is("finally", TASKS),
        text("tenantId"),
        any("retry"),
        is("inputs", INPUTS),
        is("errors", TASKS),
        is("tasks", TASKS),
        is("outputs", OUTPUTS),
        is("concurrency", Kind::Object(&CONCURRENCY)),
        any("variables"),
        is("deleted", Kind::Boolean),
        text("id"),
        text("description"),
        v2("workerSelector"),
        any("labels"),
        v1("pluginDefaults"),
        Property::on(Lines::V2Dev, "pluginDefaults", Kind::Any),
        any("sla"),
        any("checks"),
        v1("taskDefaults").deprecated(),
        text("namespace"),
        is("disabled", Kind::Boolean),
        v1("listeners").deprecated(),
        is("revision", Kind::Number),
        any("updated"),
        is("afterExecution", TASKS),
        is("triggers", Kind::List(&TRIGGER)),
        Property::on(Lines::V2Ga, "policyRefs", Kind::Any),
        v2("quotas"),
        Property::on(Lines::V2Ga, "draft", Kind::Boolean),
        text("source"),
    ],
};

/// The first step of a save deserializes into this class; it leaves tasks and triggers to the
/// second.
pub(in crate::flow) static GENERIC: Class = Class {
    name: "io.kestra.core.models.flows.GenericFlow",
    open: true,
    properties: &[
        text("tenantId"),
        is("inputs", INPUTS),
        is("outputs", OUTPUTS),
        is("concurrency", Kind::Object(&CONCURRENCY)),
        is("tasks", Kind::List(&Kind::Object(&GENERIC_TASK))),
        is("triggers", Kind::List(&Kind::Object(&GENERIC_TRIGGER))),
        is("deleted", Kind::Boolean),
        is("disabled", Kind::Boolean),
        text("id"),
        text("namespace"),
        text("description"),
        is("revision", Kind::Number),
    ],
};

static GENERIC_TASK: Class = Class {
    name: "io.kestra.core.models.tasks.GenericTask",
    open: true,
    properties: &[text("id"), text("type")],
};

static GENERIC_TRIGGER: Class = Class {
    name: "io.kestra.core.models.triggers.GenericTrigger",
    open: true,
    properties: &[text("id"), text("type")],
};

static OUTPUT: Class = Class {
    name: "io.kestra.core.models.flows.Output",
    open: false,
    properties: &[
        text("id"),
        text("description"),
        any("value"),
        is("type", Kind::Enum(&TYPE)),
        text("displayName"),
        any("required"),
    ],
};

static TYPE: Enum = Enum {
    name: "io.kestra.core.models.flows.Type",
    words: &[
        "STRING",
        "ENUM",
        "SELECT",
        "INT",
        "FLOAT",
        "BOOLEAN",
        "BOOL",
        "DATETIME",
        "DATE",
        "TIME",
        "DURATION",
        "FILE",
        "JSON",
        "URI",
        "SECRET",
        "ARRAY",
        "MULTISELECT",
        "YAML",
        "EMAIL",
        "FORM",
    ],
};

static CONCURRENCY: Class = Class {
    name: "io.kestra.core.models.flows.Concurrency",
    open: false,
    properties: &[
        is("behavior", Kind::Enum(&BEHAVIOR)),
        is("limit", Kind::Number),
    ],
};

static BEHAVIOR: Enum = Enum {
    name: "io.kestra.core.models.flows.Concurrency$Behavior",
    words: &["QUEUE", "CANCEL", "FAIL"],
};

const OUTPUTS: Kind = Kind::List(&Kind::Object(&OUTPUT));
