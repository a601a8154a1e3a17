//! The task and trigger types of a server without additional plugins, by line.

use crate::settings::Dialect;

mod document;
mod names;

pub(crate) use document::document;

use names::{
    ALIASES, ALIASES_1_3, CONDITIONS_1_3, DEPRECATED, TASKS, TASKS_1_3, TASKS_2_0, TRIGGERS,
    TRIGGERS_2_0,
};

/// The common prefix of all types.
const ROOT: &str = "io.kestra.plugin.";

/// The current name of a type on a line, without the common prefix.
fn short(name: &str, dialect: Dialect) -> Option<&str> {
    let v2 = dialect.is_v2();
    if let Some(short) = name.strip_prefix(ROOT) {
        let of_line: [&[&str]; 2] = if v2 {
            [&TASKS_2_0, &TRIGGERS_2_0]
        } else {
            [&TASKS_1_3, &CONDITIONS_1_3]
        };
        let of_both: [&[&str]; 2] = [&TASKS, &TRIGGERS];
        let mut known = of_both.iter().chain(&of_line);
        if known.any(|table| table.contains(&short)) {
            return Some(short);
        }
    }
    replaced(name, dialect)
}

/// The current name of a renamed type.
fn replaced(name: &str, dialect: Dialect) -> Option<&'static str> {
    let old: &[_] = if dialect.is_v2() { &[] } else { &ALIASES_1_3 };
    let mut pairs = ALIASES.iter().chain(old);
    pairs.find(|(alias, _)| *alias == name).map(|(_, new)| *new)
}

/// The current name of a renamed type, with the common prefix.
pub(crate) fn replacement(name: &str, dialect: Dialect) -> Option<String> {
    replaced(name, dialect).map(|short| format!("{ROOT}{short}"))
}

/// The current name of a type on a line, if it is installed.
pub(crate) fn resolve(name: &str, dialect: Dialect) -> Option<String> {
    short(name, dialect).map(|short| format!("{ROOT}{short}"))
}

/// Whether a type is deprecated on a line.
pub(crate) fn is_deprecated(name: &str, dialect: Dialect) -> bool {
    let short = short(name, dialect);
    !dialect.is_v2() && short.is_some_and(|short| DEPRECATED.contains(&short))
}

/// Whether tasks of this type are flowable: run by the executor, not by a worker.
pub(crate) fn is_flowable(name: &str) -> bool {
    [
        "AllowFailure",
        "Dag",
        "EachParallel",
        "EachSequential",
        "ForEach",
        "If",
        "Loop",
        "LoopUntil",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_types_of_their_own() {
        for (name, on_1_3, on_2_0) in [
            ("io.kestra.plugin.core.log.Log", true, true),
            ("io.kestra.plugin.core.flow.ForEach", true, false),
            ("io.kestra.plugin.core.flow.Loop", false, true),
            ("io.kestra.core.tasks.flows.Worker", true, false),
            ("io.kestra.plugin.core.flow.WaitFor", true, true),
            ("io.kestra.plugin.scripts.python.Script", false, false),
        ] {
            let known = |dialect| resolve(name, dialect).is_some();
            assert_eq!(known(Dialect::V1_3), on_1_3, "{name}");
            assert_eq!(known(Dialect::V2_0Dev), on_2_0, "{name}");
        }
    }
}
