//! A fault that Kestra's validation finds in a source.

/// One fault that Kestra found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Kestra's words.
    pub message: String,
    /// Where in the object.
    pub path: Option<String>,
    /// From 1.
    pub line: Option<u64>,
    /// From 1.
    pub column: Option<u64>,
}
