//! The names of types by line, without the common prefix.

/// Tasks on both lines.
pub(super) const TASKS: [&str; 46] = [
    "core.debug.Return",
    "core.execution.Assert",
    "core.execution.Exit",
    "core.execution.Fail",
    "core.execution.Labels",
    "core.execution.PurgeExecutions",
    "core.execution.SetVariables",
    "core.execution.UnsetVariables",
    "core.flow.AllowFailure",
    "core.flow.Dag",
    "core.flow.If",
    "core.flow.LoopUntil",
    "core.flow.Parallel",
    "core.flow.Pause",
    "core.flow.Sequential",
    "core.flow.Sleep",
    "core.flow.Subflow",
    "core.flow.Switch",
    "core.flow.WorkingDirectory",
    "core.http.Download",
    "core.http.Request",
    "core.http.SseRequest",
    "core.kv.Delete",
    "core.kv.Get",
    "core.kv.GetKeys",
    "core.kv.PurgeKV",
    "core.kv.Put",
    "core.kv.Set",
    "core.log.Log",
    "core.log.PurgeLogs",
    "core.metric.Publish",
    "core.namespace.DeleteFiles",
    "core.namespace.DownloadFiles",
    "core.namespace.PurgeFiles",
    "core.namespace.UploadFiles",
    "core.output.OutputValues",
    "core.storage.Concat",
    "core.storage.DeduplicateItems",
    "core.storage.Delete",
    "core.storage.FilterItems",
    "core.storage.PurgeCurrentExecutionFiles",
    "core.storage.Reverse",
    "core.storage.Size",
    "core.storage.Split",
    "core.storage.Write",
    "core.templating.TemplatedTask",
];

/// Tasks on 1.3 only.
pub(super) const TASKS_1_3: [&str; 14] = [
    "core.debug.Echo",
    "core.execution.Count",
    "core.execution.Resume",
    "core.flow.EachParallel",
    "core.flow.EachSequential",
    "core.flow.ForEach",
    "core.flow.ForEachItem",
    "core.flow.Template",
    "core.log.Fetch",
    "core.state.Delete",
    "core.state.Get",
    "core.state.Set",
    "core.storage.LocalFiles",
    "core.trigger.Toggle",
];

/// Tasks on 2.0 only.
pub(super) const TASKS_2_0: [&str; 2] = ["core.flow.Loop", "core.storage.PurgeStorage"];

/// Triggers on both lines.
pub(super) const TRIGGERS: [&str; 5] = [
    "core.http.Trigger",
    "core.trigger.Flow",
    "core.trigger.Schedule",
    "core.trigger.ScheduleOnDates",
    "core.trigger.Webhook",
];

/// Triggers on 2.0 only.
pub(super) const TRIGGERS_2_0: [&str; 1] = ["core.trigger.McpToolTrigger"];

/// Trigger conditions, which exist on 1.3 only.
pub(super) const CONDITIONS_1_3: [&str; 18] = [
    "core.condition.DateTimeBetween",
    "core.condition.DayWeek",
    "core.condition.DayWeekInMonth",
    "core.condition.ExecutionFlow",
    "core.condition.ExecutionLabels",
    "core.condition.ExecutionNamespace",
    "core.condition.ExecutionOutputs",
    "core.condition.ExecutionStatus",
    "core.condition.Expression",
    "core.condition.FlowCondition",
    "core.condition.FlowNamespaceCondition",
    "core.condition.HasRetryAttempt",
    "core.condition.MultipleCondition",
    "core.condition.Not",
    "core.condition.Or",
    "core.condition.PublicHoliday",
    "core.condition.TimeBetween",
    "core.condition.Weekend",
];

/// Types that are deprecated on 1.3.
pub(super) const DEPRECATED: [&str; 15] = [
    "core.condition.FlowCondition",
    "core.condition.FlowNamespaceCondition",
    "core.condition.MultipleCondition",
    "core.debug.Echo",
    "core.execution.Count",
    "core.execution.Resume",
    "core.flow.EachParallel",
    "core.flow.EachSequential",
    "core.flow.Template",
    "core.log.Fetch",
    "core.state.Delete",
    "core.state.Get",
    "core.state.Set",
    "core.storage.LocalFiles",
    "core.trigger.Toggle",
];

/// Former names of types, on both lines.
pub(super) const ALIASES: [(&str, &str); 4] = [
    ("io.kestra.plugin.core.flow.WaitFor", "core.flow.LoopUntil"),
    ("io.kestra.plugin.fs.http.Download", "core.http.Download"),
    ("io.kestra.plugin.fs.http.Request", "core.http.Request"),
    ("io.kestra.plugin.fs.http.Trigger", "core.http.Trigger"),
];

/// Former names of types, on 1.3 only.
pub(super) const ALIASES_1_3: [(&str, &str); 75] = [
    (
        "io.kestra.core.models.conditions.types.DateTimeBetweenCondition",
        "core.condition.DateTimeBetween",
    ),
    (
        "io.kestra.core.models.conditions.types.DayWeekCondition",
        "core.condition.DayWeek",
    ),
    (
        "io.kestra.core.models.conditions.types.DayWeekInMonthCondition",
        "core.condition.DayWeekInMonth",
    ),
    (
        "io.kestra.core.models.conditions.types.ExecutionFlowCondition",
        "core.condition.ExecutionFlow",
    ),
    (
        "io.kestra.core.models.conditions.types.ExecutionLabelsCondition",
        "core.condition.ExecutionLabels",
    ),
    (
        "io.kestra.core.models.conditions.types.ExecutionNamespaceCondition",
        "core.condition.ExecutionNamespace",
    ),
    (
        "io.kestra.core.models.conditions.types.ExecutionOutputsCondition",
        "core.condition.ExecutionOutputs",
    ),
    (
        "io.kestra.core.models.conditions.types.ExecutionStatusCondition",
        "core.condition.ExecutionStatus",
    ),
    (
        "io.kestra.core.models.conditions.types.FlowCondition",
        "core.condition.FlowCondition",
    ),
    (
        "io.kestra.core.models.conditions.types.FlowNamespaceCondition",
        "core.condition.FlowNamespaceCondition",
    ),
    (
        "io.kestra.core.models.conditions.types.HasRetryAttemptCondition",
        "core.condition.HasRetryAttempt",
    ),
    (
        "io.kestra.core.models.conditions.types.MultipleCondition",
        "core.condition.MultipleCondition",
    ),
    (
        "io.kestra.core.models.conditions.types.NotCondition",
        "core.condition.Not",
    ),
    (
        "io.kestra.core.models.conditions.types.OrCondition",
        "core.condition.Or",
    ),
    (
        "io.kestra.core.models.conditions.types.PublicHolidayCondition",
        "core.condition.PublicHoliday",
    ),
    (
        "io.kestra.core.models.conditions.types.TimeBetweenCondition",
        "core.condition.TimeBetween",
    ),
    (
        "io.kestra.core.models.conditions.types.VariableCondition",
        "core.condition.Expression",
    ),
    (
        "io.kestra.core.models.conditions.types.WeekendCondition",
        "core.condition.Weekend",
    ),
    (
        "io.kestra.core.models.triggers.types.Flow",
        "core.trigger.Flow",
    ),
    (
        "io.kestra.core.models.triggers.types.Schedule",
        "core.trigger.Schedule",
    ),
    (
        "io.kestra.core.models.triggers.types.Webhook",
        "core.trigger.Webhook",
    ),
    ("io.kestra.core.tasks.debugs.Echo", "core.debug.Echo"),
    ("io.kestra.core.tasks.debugs.Return", "core.debug.Return"),
    (
        "io.kestra.core.tasks.executions.Counts",
        "core.execution.Count",
    ),
    (
        "io.kestra.core.tasks.executions.Fail",
        "core.execution.Fail",
    ),
    (
        "io.kestra.core.tasks.executions.Labels",
        "core.execution.Labels",
    ),
    (
        "io.kestra.core.tasks.flows.AllowFailure",
        "core.flow.AllowFailure",
    ),
    ("io.kestra.core.tasks.flows.Dag", "core.flow.Dag"),
    (
        "io.kestra.core.tasks.flows.EachParallel",
        "core.flow.EachParallel",
    ),
    (
        "io.kestra.core.tasks.flows.EachSequential",
        "core.flow.EachSequential",
    ),
    ("io.kestra.core.tasks.flows.Flow", "core.flow.Subflow"),
    (
        "io.kestra.core.tasks.flows.ForEachItem",
        "core.flow.ForEachItem",
    ),
    ("io.kestra.core.tasks.flows.If", "core.flow.If"),
    ("io.kestra.core.tasks.flows.Parallel", "core.flow.Parallel"),
    ("io.kestra.core.tasks.flows.Pause", "core.flow.Pause"),
    (
        "io.kestra.core.tasks.flows.Sequential",
        "core.flow.Sequential",
    ),
    ("io.kestra.core.tasks.flows.Subflow", "core.flow.Subflow"),
    ("io.kestra.core.tasks.flows.Switch", "core.flow.Switch"),
    ("io.kestra.core.tasks.flows.Template", "core.flow.Template"),
    (
        "io.kestra.core.tasks.flows.Worker",
        "core.flow.WorkingDirectory",
    ),
    (
        "io.kestra.core.tasks.flows.WorkingDirectory",
        "core.flow.WorkingDirectory",
    ),
    ("io.kestra.core.tasks.log.Fetch", "core.log.Fetch"),
    ("io.kestra.core.tasks.log.Log", "core.log.Log"),
    ("io.kestra.core.tasks.states.Delete", "core.state.Delete"),
    ("io.kestra.core.tasks.states.Get", "core.state.Get"),
    ("io.kestra.core.tasks.states.Set", "core.state.Set"),
    (
        "io.kestra.core.tasks.storages.Concat",
        "core.storage.Concat",
    ),
    (
        "io.kestra.core.tasks.storages.DeduplicateItems",
        "core.storage.DeduplicateItems",
    ),
    (
        "io.kestra.core.tasks.storages.Delete",
        "core.storage.Delete",
    ),
    (
        "io.kestra.core.tasks.storages.FilterItems",
        "core.storage.FilterItems",
    ),
    (
        "io.kestra.core.tasks.storages.LocalFiles",
        "core.storage.LocalFiles",
    ),
    (
        "io.kestra.core.tasks.storages.Purge",
        "core.execution.PurgeExecutions",
    ),
    (
        "io.kestra.core.tasks.storages.PurgeExecution",
        "core.storage.PurgeCurrentExecutionFiles",
    ),
    (
        "io.kestra.core.tasks.storages.Reverse",
        "core.storage.Reverse",
    ),
    ("io.kestra.core.tasks.storages.Size", "core.storage.Size"),
    ("io.kestra.core.tasks.storages.Split", "core.storage.Split"),
    (
        "io.kestra.core.tasks.templating.TemplatedTask",
        "core.templating.TemplatedTask",
    ),
    ("io.kestra.core.tasks.trigger.Toggle", "core.trigger.Toggle"),
    (
        "io.kestra.plugin.core.condition.DateTimeBetweenCondition",
        "core.condition.DateTimeBetween",
    ),
    (
        "io.kestra.plugin.core.condition.DayWeekCondition",
        "core.condition.DayWeek",
    ),
    (
        "io.kestra.plugin.core.condition.DayWeekInMonthCondition",
        "core.condition.DayWeekInMonth",
    ),
    (
        "io.kestra.plugin.core.condition.ExecutionFlowCondition",
        "core.condition.ExecutionFlow",
    ),
    (
        "io.kestra.plugin.core.condition.ExecutionLabelsCondition",
        "core.condition.ExecutionLabels",
    ),
    (
        "io.kestra.plugin.core.condition.ExecutionNamespaceCondition",
        "core.condition.ExecutionNamespace",
    ),
    (
        "io.kestra.plugin.core.condition.ExecutionOutputsCondition",
        "core.condition.ExecutionOutputs",
    ),
    (
        "io.kestra.plugin.core.condition.ExecutionStatusCondition",
        "core.condition.ExecutionStatus",
    ),
    (
        "io.kestra.plugin.core.condition.ExpressionCondition",
        "core.condition.Expression",
    ),
    (
        "io.kestra.plugin.core.condition.HasRetryAttemptCondition",
        "core.condition.HasRetryAttempt",
    ),
    (
        "io.kestra.plugin.core.condition.NotCondition",
        "core.condition.Not",
    ),
    (
        "io.kestra.plugin.core.condition.OrCondition",
        "core.condition.Or",
    ),
    (
        "io.kestra.plugin.core.condition.PublicHolidayCondition",
        "core.condition.PublicHoliday",
    ),
    (
        "io.kestra.plugin.core.condition.TimeBetweenCondition",
        "core.condition.TimeBetween",
    ),
    (
        "io.kestra.plugin.core.condition.WeekendCondition",
        "core.condition.Weekend",
    ),
    (
        "io.kestra.plugin.core.storage.Purge",
        "core.execution.PurgeExecutions",
    ),
    (
        "io.kestra.plugin.core.storage.PurgeExecution",
        "core.storage.PurgeCurrentExecutionFiles",
    ),
];
