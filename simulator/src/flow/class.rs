//! What Jackson makes of a flow: the classes that a source is read into, their properties by line.
//!
//! The order of properties is that in which Kestra lists them to whoever gave another. A class that
//! is `open` takes any property: either it does so in Kestra, or no recording shows all of its own.

use crate::settings::Dialect;

/// What a value is read into.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Whatever it is.
    Any,
    /// A text, which other scalars become.
    Text,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// One of some words.
    Choice(&'static Choice),
    /// An object of a class.
    One(&'static Class),
    /// A list.
    Many(&'static Kind),
    /// Values under names of their own.
    Named(&'static Kind),
    /// An input, whose class is told by its `type`.
    Input,
    /// A task, trigger or condition, whose class is told by its `type`; the interface's name.
    Plugin(&'static str),
}

/// An enum.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
}

/// A class.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: &'static str,
    pub(super) open: bool,
    pub(super) properties: &'static [Property],
}

/// The lines that know something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lines {
    Both,
    Old,
    New,
    /// 2.0 but not its GA.
    Dev,
    /// 2.0 GA.
    Ga,
}

/// A property of a class.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) deprecated: bool,
    lines: Lines,
}

impl Property {
    const fn on(lines: Lines, name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            deprecated: false,
            lines,
        }
    }

    const fn deprecated(self) -> Self {
        Self {
            deprecated: true,
            ..self
        }
    }
}

const fn any(name: &'static str) -> Property {
    Property::on(Lines::Both, name, Kind::Any)
}

const fn old(name: &'static str) -> Property {
    Property::on(Lines::Old, name, Kind::Any)
}

const fn new(name: &'static str) -> Property {
    Property::on(Lines::New, name, Kind::Any)
}

const fn is(name: &'static str, kind: Kind) -> Property {
    Property::on(Lines::Both, name, kind)
}

const fn text(name: &'static str) -> Property {
    is(name, Kind::Text)
}

impl Class {
    /// The properties on a line.
    pub(super) fn properties(&self, dialect: Dialect) -> impl Iterator<Item = &'static Property> {
        self.properties
            .iter()
            .filter(move |property| match property.lines {
                Lines::Both => true,
                Lines::Old => !dialect.is_v2(),
                Lines::New => dialect.is_v2(),
                Lines::Dev => dialect.is_v2() && !dialect.is_ga(),
                Lines::Ga => dialect.is_ga(),
            })
    }

    /// What a property is read into; none for one that is not known.
    pub(super) fn kind(&self, name: &str, dialect: Dialect) -> Option<Kind> {
        let found = self.properties(dialect).find(|p| p.name == name);
        match found {
            Some(property) => Some(property.kind),
            None => self.open.then_some(Kind::Any),
        }
    }
}

pub(super) const TASK: Kind = Kind::Plugin("io.kestra.core.models.tasks.Task");
const TASKS: Kind = Kind::Many(&TASK);
pub(super) const TRIGGER: Kind = Kind::Plugin("io.kestra.core.models.triggers.AbstractTrigger");
const CONDITION: Kind = Kind::Plugin("io.kestra.core.models.conditions.Condition");
const CONDITIONS: Kind = Kind::Many(&CONDITION);
const INPUTS: Kind = Kind::Many(&Kind::Input);
const OUTPUTS: Kind = Kind::Many(&Kind::One(&OUTPUT));
const TEXTS: Kind = Kind::Many(&Kind::Text);

/// What validation and the second step of a save read.
pub(super) static FLOW: Class = Class {
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
pub(super) static GENERIC: Class = Class {
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

static DEPENDS_ON: Class = Class {
    name: "io.kestra.core.models.flows.DependsOn",
    open: false,
    properties: &[is("inputs", TEXTS), text("condition")],
};

/// The types of inputs a line knows, in the order in which Jackson lists them.
pub(super) fn input_types(dialect: Dialect) -> Vec<&'static str> {
    INPUT_CLASSES
        .iter()
        .filter(|(_, lines, _)| match lines {
            Lines::Both => true,
            Lines::Old => !dialect.is_v2(),
            Lines::Ga => dialect.is_ga(),
            Lines::New | Lines::Dev => dialect.is_v2(),
        })
        .map(|(name, ..)| *name)
        .collect()
}

/// The class of an input of a type.
pub(super) fn input(kind: &str, dialect: Dialect) -> Option<&'static Class> {
    let known = input_types(dialect).contains(&kind);
    let mut classes = INPUT_CLASSES.iter();
    let found = classes.find(|(name, ..)| known && *name == kind);
    found.map(|(.., class)| class)
}

/// A class of inputs: what all have, and its own.
macro_rules! input {
    ($name:literal $(, $own:expr)*) => {
        Class {
            name: concat!("io.kestra.core.models.flows.input.", $name),
            open: false,
            properties: &[
                any("defaults"),
                is("dependsOn", Kind::One(&DEPENDS_ON)),
                text("type"),
                text("id"),
                text("description"),
                text("displayName"),
                any("required"),
                $($own,)*
                any("prefill"),
                Property::on(Lines::Old, "name", Kind::Text).deprecated(),
            ],
        }
    };
}

static INPUT_CLASSES: [(&str, Lines, Class); 22] = [
    ("ARRAY", Lines::Both, input!("ArrayInput", any("itemType"))),
    ("BOOL", Lines::Both, input!("BoolInput")),
    ("BOOLEAN", Lines::Old, input!("BooleanInput")),
    (
        "DATE",
        Lines::Both,
        input!("DateInput", any("after"), any("before")),
    ),
    (
        "DATETIME",
        Lines::Both,
        input!("DateTimeInput", any("after"), any("before")),
    ),
    (
        "DURATION",
        Lines::Both,
        input!("DurationInput", any("min"), any("max")),
    ),
    ("EMAIL", Lines::Both, input!("EmailInput")),
    ("ENUM", Lines::Old, input!("EnumInput", is("values", TEXTS))),
    (
        "FILE",
        Lines::Both,
        input!(
            "FileInput",
            is("allowedFileExtensions", TEXTS),
            old("extension").deprecated()
        ),
    ),
    (
        "FLOAT",
        Lines::Both,
        input!("FloatInput", any("min"), any("max")),
    ),
    (
        "FORM",
        Lines::New,
        input!("FormInput", is("inputs", INPUTS)),
    ),
    (
        "INT",
        Lines::Both,
        input!("IntInput", any("min"), any("max")),
    ),
    ("ION", Lines::Ga, input!("IonInput")),
    ("JSON", Lines::Both, input!("JsonInput", new("jsonSchema"))),
    (
        "MULTISELECT",
        Lines::Both,
        input!(
            "MultiselectInput",
            any("values"),
            old("options").deprecated(),
            text("expression"),
            any("itemType"),
            any("allowCustomValue"),
            any("autoSelectFirst")
        ),
    ),
    (
        "REUSABLE_INPUTS",
        Lines::Ga,
        Class {
            name: "io.kestra.core.models.flows.input.ReusableInputsInput",
            open: true,
            properties: &[],
        },
    ),
    (
        "SECRET",
        Lines::Both,
        input!("SecretInput", text("validator")),
    ),
    (
        "SELECT",
        Lines::Both,
        input!(
            "SelectInput",
            any("values"),
            text("expression"),
            any("allowCustomValue"),
            any("isRadio"),
            any("autoSelectFirst")
        ),
    ),
    (
        "STRING",
        Lines::Both,
        input!("StringInput", text("validator")),
    ),
    (
        "TIME",
        Lines::Both,
        input!("TimeInput", any("after"), any("before")),
    ),
    ("URI", Lines::Both, input!("URIInput")),
    ("YAML", Lines::Both, input!("YamlInput")),
];

/// The class of a task or trigger, as far as its properties are known.
pub(super) fn plugin(name: &str) -> Option<&'static Class> {
    PLUGINS.iter().find(|class| class.name == name)
}

/// A class of tasks: what all have, and its own.
macro_rules! task {
    ($name:literal $(, $own:expr)*) => {
        Class {
            name: concat!("io.kestra.plugin.core.", $name),
            open: false,
            properties: &[
                any("logLevel"),
                any("timeout"),
                any("assets"),
                $($own,)*
                any("retry"),
                any("allowWarning"),
                any("version"),
                text("type"),
                text("id"),
                text("description"),
                old("taskCache"),
                old("workerGroup"),
                new("workerSelector"),
                new("allowFailure"),
                any("runIf"),
                any("logToFile"),
                any("disabled"),
                old("allowFailure"),
                new("taskCache"),
            ],
        }
    };
}

/// A class that may hold tasks, and whose other properties no recording shows.
macro_rules! holder {
    ($name:literal $(, $own:expr)*) => {
        Class {
            name: concat!("io.kestra.plugin.core.flow.", $name),
            open: true,
            properties: &[is("errors", TASKS), is("finally", TASKS), $($own,)*],
        }
    };
}

static DAG_TASK: Class = Class {
    name: "io.kestra.plugin.core.flow.Dag$DagTask",
    open: true,
    properties: &[is("task", TASK), is("dependsOn", TEXTS)],
};

static PLUGINS: [Class; 21] = [
    task!("log.Log", any("level"), any("message")),
    task!("debug.Return", any("format")),
    task!("flow.Sleep", any("duration")),
    task!("execution.Fail", any("condition"), any("errorMessage")),
    task!(
        "flow.Pause",
        any("behavior"),
        old("delay").deprecated(),
        is("errors", TASKS),
        is("finally", TASKS),
        is("onPause", TASK),
        is("onResume", INPUTS),
        any("pauseDuration"),
        Property::on(Lines::Old, "tasks", TASKS).deprecated()
    ),
    holder!("AllowFailure", is("tasks", TASKS)),
    holder!("Dag", is("tasks", Kind::Many(&Kind::One(&DAG_TASK)))),
    holder!("EachParallel", is("tasks", TASKS)),
    holder!("EachSequential", is("tasks", TASKS)),
    holder!("ForEach", is("tasks", TASKS)),
    holder!("If", is("then", TASKS), is("else", TASKS)),
    holder!("Loop", is("tasks", TASKS)),
    holder!("LoopUntil", is("tasks", TASKS)),
    holder!("Parallel", is("tasks", TASKS)),
    holder!("Sequential", is("tasks", TASKS)),
    holder!(
        "Switch",
        is("defaults", TASKS),
        is("cases", Kind::Named(&TASKS))
    ),
    holder!("WorkingDirectory", is("tasks", TASKS)),
    Class {
        name: "io.kestra.plugin.core.trigger.Schedule",
        open: false,
        properties: &[
            any("logLevel"),
            old("workerGroup"),
            any("assets"),
            any("interval"),
            any("inputs"),
            old("backfill").deprecated(),
            any("failOnTriggerError"),
            text("cron"),
            Property::on(Lines::Old, "scheduleConditions", CONDITIONS).deprecated(),
            old("minLogLevel"),
            any("version"),
            any("withSeconds"),
            text("type"),
            text("id"),
            text("description"),
            new("workerSelector"),
            old("recoverMissedSchedules"),
            any("labels"),
            any("allowConcurrent"),
            any("lateMaximumDelay"),
            new("timezone"),
            new("when"),
            Property::on(Lines::Old, "conditions", CONDITIONS),
            new("disabled"),
            any("stopAfter"),
            old("disabled"),
            any("logToFile"),
            old("timezone"),
            new("recoverMissedSchedules"),
        ],
    },
    Class {
        name: "io.kestra.plugin.core.trigger.Flow",
        open: false,
        properties: &[
            any("logLevel"),
            any("states"),
            any("assets"),
            new("dependsOn"),
            any("inputs"),
            any("failOnTriggerError"),
            new("window"),
            any("version"),
            text("type"),
            text("id"),
            text("description"),
            new("workerSelector"),
            any("labels"),
            any("allowConcurrent"),
            new("mode"),
            new("when"),
            any("disabled"),
            any("stopAfter"),
            any("logToFile"),
            new("minSatisfied"),
            // What 1.3 has beside these.
            old("workerGroup"),
            old("minLogLevel"),
            old("preconditions"),
            Property::on(Lines::Old, "conditions", CONDITIONS),
        ],
    },
    Class {
        name: "io.kestra.plugin.core.trigger.Webhook",
        open: true,
        properties: &[Property::on(Lines::Old, "conditions", CONDITIONS)],
    },
    Class {
        name: "io.kestra.plugin.core.http.Trigger",
        open: true,
        properties: &[Property::on(Lines::Old, "conditions", CONDITIONS)],
    },
];

/// Whether a type of inputs has another one today.
pub(super) fn is_deprecated_input(kind: &str) -> bool {
    matches!(kind, "ENUM" | "BOOLEAN")
}
