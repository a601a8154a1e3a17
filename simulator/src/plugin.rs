//! The task and trigger types this server has installed.

use crate::settings::Dialect;

/// Types under `io.kestra.plugin.`; anything else is `Invalid type`, as on a bare server.
const TYPES: [&str; 44] = [
    "core.debug.Echo",
    "core.debug.Return",
    "core.execution.Assert",
    "core.execution.Count",
    "core.execution.Exit",
    "core.execution.Fail",
    "core.execution.Labels",
    "core.execution.PurgeExecutions",
    "core.execution.Resume",
    "core.execution.SetVariables",
    "core.flow.AllowFailure",
    "core.flow.Dag",
    "core.flow.EachParallel",
    "core.flow.EachSequential",
    "core.flow.ForEach",
    "core.flow.If",
    "core.flow.Parallel",
    "core.flow.Pause",
    "core.flow.Sequential",
    "core.flow.Sleep",
    "core.flow.Subflow",
    "core.flow.Switch",
    "core.flow.Template",
    "core.flow.WorkingDirectory",
    "core.http.Download",
    "core.http.Request",
    "core.kv.Delete",
    "core.kv.Get",
    "core.kv.Set",
    "core.log.Fetch",
    "core.log.Log",
    "core.namespace.UploadFiles",
    "core.output.OutputValues",
    "core.state.Set",
    "core.storage.Delete",
    "core.storage.Write",
    "core.trigger.Flow",
    "core.trigger.McpToolTrigger",
    "core.trigger.Schedule",
    "core.trigger.Webhook",
    "core.http.Trigger",
    "core.trigger.ScheduleOnDates",
    "scripts.shell.Commands",
    "scripts.shell.Script",
];

/// Where 1.3 still finds types under their names of before 0.18.
const OLD: [(&str, &str); 5] = [
    (
        "io.kestra.core.tasks.log.Log",
        "io.kestra.plugin.core.log.Log",
    ),
    (
        "io.kestra.core.tasks.debugs.Return",
        "io.kestra.plugin.core.debug.Return",
    ),
    (
        "io.kestra.core.tasks.flows.Pause",
        "io.kestra.plugin.core.flow.Pause",
    ),
    (
        "io.kestra.core.tasks.flows.Sequential",
        "io.kestra.plugin.core.flow.Sequential",
    ),
    (
        "io.kestra.core.models.triggers.types.Schedule",
        "io.kestra.plugin.core.trigger.Schedule",
    ),
];

/// Properties of `Log`, the one type whose properties are checked.
pub(crate) fn log_properties(dialect: Dialect) -> [&'static str; 17] {
    let worker = if dialect.is_v2() {
        "workerSelector"
    } else {
        "workerGroup"
    };
    [
        "logLevel",
        "timeout",
        "assets",
        "level",
        "message",
        "retry",
        "allowWarning",
        "version",
        "type",
        "id",
        "description",
        "taskCache",
        worker,
        "runIf",
        "logToFile",
        "disabled",
        "allowFailure",
    ]
}

/// The name a type is known by on a line, if it is installed.
pub(crate) fn resolve(name: &str, dialect: Dialect) -> Option<&str> {
    if let Some(short) = name.strip_prefix("io.kestra.plugin.") {
        return TYPES.contains(&short).then_some(name);
    }
    if dialect.is_v2() {
        return None;
    }
    OLD.iter()
        .find(|(old, _)| *old == name)
        .map(|(_, new)| *new)
}

/// Whether a type's tasks hold other tasks.
pub(crate) fn is_flowable(name: &str) -> bool {
    [
        "AllowFailure",
        "Dag",
        "EachParallel",
        "EachSequential",
        "ForEach",
        "If",
        "Parallel",
        "Pause",
        "Sequential",
        "Subflow",
        "Switch",
        "WorkingDirectory",
    ]
    .iter()
    .any(|short| name.strip_prefix("io.kestra.plugin.core.flow.") == Some(short))
}
