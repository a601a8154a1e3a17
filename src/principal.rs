//! Who calls.

use std::fmt;

/// The one on whose behalf a call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The person whose machine this process runs on: whoever owns its standard input.
    Local,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
        }
    }
}
