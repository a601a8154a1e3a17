//! The classes of tasks and triggers.

use super::{
    CONDITIONS, Class, INPUTS, Kind, Lines, Property, TASK, TASKS, TEXTS, any, is, text, v1, v2,
};

/// The class of a task or trigger, if its properties are known.
pub(in crate::flow) fn plugin(name: &str) -> Option<&'static Class> {
    PLUGINS.iter().find(|class| class.name == name)
}

/// The class of a task: the common properties and its own.
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
                v1("taskCache"),
                v1("workerGroup"),
                v2("workerSelector"),
                v2("allowFailure"),
                any("runIf"),
                any("logToFile"),
                any("disabled"),
                v1("allowFailure"),
                v2("taskCache"),
            ],
        }
    };
}

/// The class of a flowable task, whose other properties no recording shows.
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
        v1("delay").deprecated(),
        is("errors", TASKS),
        is("finally", TASKS),
        is("onPause", TASK),
        is("onResume", INPUTS),
        any("pauseDuration"),
        Property::on(Lines::V1_3, "tasks", TASKS).deprecated()
    ),
    holder!("AllowFailure", is("tasks", TASKS)),
    holder!("Dag", is("tasks", Kind::List(&Kind::Object(&DAG_TASK)))),
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
        is("cases", Kind::Map(&TASKS))
    ),
    holder!("WorkingDirectory", is("tasks", TASKS)),
    Class {
        name: "io.kestra.plugin.core.trigger.Schedule",
        open: false,
        properties: &[
            any("logLevel"),
            v1("workerGroup"),
            any("assets"),
            any("interval"),
            any("inputs"),
            v1("backfill").deprecated(),
            any("failOnTriggerError"),
            text("cron"),
            Property::on(Lines::V1_3, "scheduleConditions", CONDITIONS).deprecated(),
            v1("minLogLevel"),
            any("version"),
            any("withSeconds"),
            text("type"),
            text("id"),
            text("description"),
            v2("workerSelector"),
            v1("recoverMissedSchedules"),
            any("labels"),
            any("allowConcurrent"),
            any("lateMaximumDelay"),
            v2("timezone"),
            v2("when"),
            Property::on(Lines::V1_3, "conditions", CONDITIONS),
            v2("disabled"),
            any("stopAfter"),
            v1("disabled"),
            any("logToFile"),
            v1("timezone"),
            v2("recoverMissedSchedules"),
        ],
    },
    Class {
        name: "io.kestra.plugin.core.trigger.Flow",
        open: false,
        properties: &[
            any("logLevel"),
            any("states"),
            any("assets"),
            v2("dependsOn"),
            any("inputs"),
            any("failOnTriggerError"),
            v2("window"),
            any("version"),
            text("type"),
            text("id"),
            text("description"),
            v2("workerSelector"),
            any("labels"),
            any("allowConcurrent"),
            v2("mode"),
            v2("when"),
            any("disabled"),
            any("stopAfter"),
            any("logToFile"),
            v2("minSatisfied"),
            // Only in 1.3.
            v1("workerGroup"),
            v1("minLogLevel"),
            v1("preconditions"),
            Property::on(Lines::V1_3, "conditions", CONDITIONS),
        ],
    },
    Class {
        name: "io.kestra.plugin.core.trigger.Webhook",
        open: true,
        properties: &[Property::on(Lines::V1_3, "conditions", CONDITIONS)],
    },
    Class {
        name: "io.kestra.plugin.core.http.Trigger",
        open: true,
        properties: &[Property::on(Lines::V1_3, "conditions", CONDITIONS)],
    },
];
