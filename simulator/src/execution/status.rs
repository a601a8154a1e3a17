//! The statuses of executions and task runs.

macro_rules! statuses {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// A status (Kestra's `State.Type`).
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Status { $($name),+ }

        impl Status {
            pub(crate) fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }

            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

statuses! {
    Created = "CREATED",
    Submitted = "SUBMITTED",
    Running = "RUNNING",
    Paused = "PAUSED",
    Restarted = "RESTARTED",
    Killing = "KILLING",
    Success = "SUCCESS",
    Warning = "WARNING",
    Failed = "FAILED",
    Killed = "KILLED",
    Cancelled = "CANCELLED",
    Queued = "QUEUED",
    Retrying = "RETRYING",
    Retried = "RETRIED",
    Skipped = "SKIPPED",
    Breakpoint = "BREAKPOINT",
    Resubmitted = "RESUBMITTED",
}

impl Status {
    pub(crate) fn is_terminal(self) -> bool {
        use Status::{Cancelled, Failed, Killed, Resubmitted, Retried, Skipped, Success, Warning};
        matches!(
            self,
            Success | Warning | Failed | Killed | Cancelled | Retried | Skipped | Resubmitted
        )
    }

    /// Whether the tasks that follow are not run.
    pub(crate) fn stops(self) -> bool {
        matches!(self, Self::Failed | Self::Killed | Self::Cancelled)
    }
}
