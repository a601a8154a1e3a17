//! The classes of a flow.

use super::{
    Choice, Class, INPUTS, Kind, Lines, Property, TASKS, TRIGGER, any, is, new, old, text,
};

/// What validation and the second step of a save read.
pub(in crate::flow) static FLOW: Class = Class {
    name: "io.kestra.core.models.flows.FlowWithSource",
    open: false,
    properties: &[
        old("workerGroup"),
        is("finally", TASKS),
        text("tenantId"),
        any("retry"),
        is("inputs", INPUTS),
        is("errors", TASKS),
        is("tasks", TASKS),
        is("outputs", OUTPUTS),
        is("concurrency", Kind::One(&CONCURRENCY)),
        any("variables"),
        is("deleted", Kind::Flag),
        text("id"),
        text("description"),
        new("workerSelector"),
        any("labels"),
        old("pluginDefaults"),
        Property::on(Lines::Dev, "pluginDefaults", Kind::Any),
        any("sla"),
        any("checks"),
        old("taskDefaults").deprecated(),
        text("namespace"),
        is("disabled", Kind::Flag),
        old("listeners").deprecated(),
        is("revision", Kind::Number),
        any("updated"),
        is("afterExecution", TASKS),
        is("triggers", Kind::Many(&TRIGGER)),
        Property::on(Lines::Ga, "policyRefs", Kind::Any),
        new("quotas"),
        Property::on(Lines::Ga, "draft", Kind::Flag),
        text("source"),
    ],
};

/// What the first step of a save reads: tasks and triggers are looked at in the second.
pub(in crate::flow) static GENERIC: Class = Class {
    name: "io.kestra.core.models.flows.GenericFlow",
    open: true,
    properties: &[
        text("tenantId"),
        is("inputs", INPUTS),
        is("outputs", OUTPUTS),
        is("concurrency", Kind::One(&CONCURRENCY)),
        is("tasks", Kind::Many(&Kind::One(&GENERIC_TASK))),
        is("triggers", Kind::Many(&Kind::One(&GENERIC_TRIGGER))),
        is("deleted", Kind::Flag),
        is("disabled", Kind::Flag),
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
        is("type", Kind::Choice(&TYPE)),
        text("displayName"),
        any("required"),
    ],
};

static TYPE: Choice = Choice {
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
        is("behavior", Kind::Choice(&BEHAVIOR)),
        is("limit", Kind::Number),
    ],
};

static BEHAVIOR: Choice = Choice {
    name: "io.kestra.core.models.flows.Concurrency$Behavior",
    words: &["QUEUE", "CANCEL", "FAIL"],
};

const OUTPUTS: Kind = Kind::Many(&Kind::One(&OUTPUT));
