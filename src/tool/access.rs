//! How far this server goes.

/// What this server may do to Kestra, for any caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// All that the caller may do.
    #[default]
    Full,
    /// Only what the tools do that change nothing.
    ReadOnly,
}

impl Access {
    /// As far as both go.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Full, Self::Full) => Self::Full,
            _ => Self::ReadOnly,
        }
    }
}
