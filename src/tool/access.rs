//! How far this server goes.

/// What may be done to Kestra, whoever calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// All that the caller may do.
    #[default]
    Full,
    /// Only what the tools do that change nothing.
    ReadOnly,
}
