//! One row of the table of page errors.

use http::StatusCode;
use tracing::Level;

/// Where the page links to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    /// Back to the client where the person began.
    Client,
    /// To the account page.
    Account,
}

/// What a person reads, and how loudly the log says it.
pub(super) struct Row {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    /// What happened.
    pub(super) what: &'static str,
    /// What to do next.
    pub(super) advice: &'static str,
    pub(super) next: NextStep,
    pub(super) level: Level,
}

pub(super) const START_AGAIN: &str = "Return to your client and start again there.";
pub(super) const TRY_LATER: &str =
    "Try again in a minute. If it still fails, tell the operator of this server.";
