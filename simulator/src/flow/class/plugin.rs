//! The classes of tasks and triggers.

use super::{
    CONDITIONS, Class, INPUTS, Kind, Lines, Property, TASK, TASKS, TEXTS, any, is, new, old, text,
};

/// The class of a task or trigger, as far as its properties are known.
pub(in crate::flow) fn plugin(name: &str) -> Option<&'static Class> {
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
