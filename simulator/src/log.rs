//! Log entries of task runs.

use serde_json::{Value, json};

use crate::{filter::Filter, time};

/// Log levels, least severe first.
pub(crate) const LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

/// A log entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) namespace: String,
    pub(crate) flow_id: String,
    pub(crate) task_id: String,
    pub(crate) execution_id: String,
    pub(crate) task_run_id: String,
    pub(crate) attempt: usize,
    /// Milliseconds since the epoch.
    pub(crate) timestamp: u64,
    pub(crate) level: &'static str,
    pub(crate) message: String,
}

impl Entry {
    pub(crate) fn json(&self) -> Value {
        json!({
            "namespace": self.namespace, "flowId": self.flow_id, "taskId": self.task_id,
            "executionId": self.execution_id, "taskRunId": self.task_run_id,
            "attemptNumber": self.attempt, "timestamp": time::iso(self.timestamp),
            "level": self.level, "thread": "worker_0", "message": self.message,
        })
    }

    /// A line of a log download.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} {} {}",
            time::iso(self.timestamp),
            self.level,
            self.message
        )
    }

    /// Whether the entry is at least as severe as a level.
    pub(crate) fn at_least(&self, level: &str) -> bool {
        rank(self.level) >= rank(level)
    }

    /// Whether the level matches a filter. In 1.3, `EQUALS` means "at least".
    pub(crate) fn level_matches(&self, filter: &Filter) -> bool {
        use crate::filter::Op;
        match filter.op {
            Op::AtMost => rank(self.level) <= rank(&filter.value),
            Op::NotEquals => self.level != filter.value,
            _ => self.at_least(&filter.value),
        }
    }
}

/// The level of this name; INFO if there is none.
pub(crate) fn level(name: &str) -> &'static str {
    LEVELS
        .into_iter()
        .find(|level| *level == name)
        .unwrap_or("INFO")
}

fn rank(level: &str) -> usize {
    LEVELS.iter().position(|name| *name == level).unwrap_or(0)
}
