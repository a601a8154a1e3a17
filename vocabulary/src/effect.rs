//! Safety classes.

use serde::Deserialize;

/// What a tool does to Kestra (its safety class), from the mildest to the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds an object.
    Create,
    /// Starts work.
    Execute,
    /// Changes how something runs.
    Control,
    /// Replaces an object.
    Overwrite,
    /// Ends work.
    Kill,
    /// Removes an object.
    Delete,
}

impl Effect {
    /// The word of the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Execute => "execute",
            Self::Control => "control",
            Self::Overwrite => "overwrite",
            Self::Kill => "kill",
            Self::Delete => "delete",
        }
    }
}
