//! What became of a save whose source is not what is stored.

use serde_json::Value;

use super::difference;
use super::stored::Stored;
use crate::tool::error::Error;
use crate::tool::{CallCtx, cut};

/// What became of a change when another source is found than the one that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing was changed.
    Exists,
    /// Kestra took it.
    Saved,
    /// Its answer never came.
    Lost,
}

impl Change {
    /// A refusal counts as an answer.
    pub(super) fn of(sent: &Result<Value, Error>) -> Self {
        match sent {
            Err(Error::OutcomeUnknown { .. }) => Self::Lost,
            _ => Self::Saved,
        }
    }

    pub(super) fn note(self) -> Option<&'static str> {
        matches!(self, Self::Lost)
            .then_some("Kestra's answer was lost, but this source is what it stores now.")
    }

    pub(super) fn conflict(self, ctx: &CallCtx, stored: &Stored, source: &str) -> Error {
        let revision = stored.revision;
        let message = match self {
            Self::Exists => format!(
                "It exists at revision {revision} and differs. Read it, then pass base_revision {revision} to replace it."
            ),
            Self::Saved => format!(
                "It was saved, but somebody else saved after it: revision {revision} is stored now and differs. Read it before you go on; base_revision {revision} would replace it."
            ),
            Self::Lost => format!(
                "Kestra's answer was lost, and revision {revision}, which differs, is stored now. Read it before you go on; base_revision {revision} would replace it."
            ),
        };
        Error::Conflict {
            message,
            revision: Some(revision),
            diff: Some(diff(ctx, stored, source)),
        }
    }
}

/// The unified diff of saving `source`, uncut, so that the code that cuts it can report the cut.
pub(super) fn diff(ctx: &CallCtx, stored: &Stored, source: &str) -> String {
    cut::clean(&difference::of(&stored.source, source), &ctx.secrets).into_owned()
}
