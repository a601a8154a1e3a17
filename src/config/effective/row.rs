//! One setting in effect.

/// One setting in effect. Of a secret it says only that there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Its `table.key` of the file, or the variable if the file has no key for it.
    pub name: String,
    /// The value in effect.
    pub value: String,
    /// Where it is set; `default` if nowhere.
    pub source: String,
}

impl Effective {
    pub(super) fn new(name: impl Into<String>, value: String, source: Option<String>) -> Self {
        Self {
            name: name.into(),
            value,
            source: source.unwrap_or_else(|| "default".to_owned()),
        }
    }
}
