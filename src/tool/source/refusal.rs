//! Why a source is refused.

use crate::tool::error::Error;
use crate::tool::fault::Fault;

/// Why a source is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Rules of this server, each with its place and what to write.
    Rules(Vec<Fault>),
    /// Not YAML; Kestra says it in its own words.
    Syntax {
        /// What the parser says.
        message: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
}

impl Refusal {
    /// Each as what would be right.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        match self {
            Self::Rules(faults) => faults,
            Self::Syntax {
                message,
                line,
                column,
            } => {
                let expected = format!("YAML; line {line}, column {column}: {message}");
                vec![Fault::new("source", expected)]
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Invalid {
            faults: refusal.into_faults(),
            inputs: false,
        }
    }
}
