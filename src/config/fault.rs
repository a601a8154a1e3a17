//! What is wrong with a configuration: where, what, and how to put it right.

use std::fmt;

use thiserror::Error;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a variable, a flag, or a key of a file.
    pub place: String,
    /// What is wrong; never repeats the value of a secret.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    pub(super) fn new(
        place: impl fmt::Display,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            place: place.to_string(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.remedy)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the configuration has {} {}", .0.len(), if .0.len() == 1 { "fault" } else { "faults" })]
pub struct Faults(pub Vec<Fault>);
