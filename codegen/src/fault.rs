//! The faults that a run finds, each once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// A fault of a file: where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// As it was named.
    pub file: String,
    /// From 1; 0 for the whole file.
    pub line: usize,
    /// From 1; 0 for the whole line.
    pub column: usize,
    /// What is wrong, what there is, what to write.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
        } = self;
        match column {
            0 => write!(f, "{file}:{line}: {message}"),
            column => write!(f, "{file}:{line}:{column}: {message}"),
        }
    }
}

/// All faults of a run, each once.
#[derive(Debug, Default)]
pub struct Faults(RefCell<BTreeSet<Fault>>);

impl Faults {
    /// Notes a fault of a line.
    pub fn add(&self, file: &str, line: usize, message: impl Into<String>) {
        self.at(file, (line, 0), message);
    }

    /// Notes a fault of a place: its line and column.
    pub fn at(&self, file: &str, (line, column): (usize, usize), message: impl Into<String>) {
        let (file, message) = (file.to_owned(), message.into());
        self.0.borrow_mut().insert(Fault {
            file,
            line,
            column,
            message,
        });
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// All of them, by file and line.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0.into_inner().into_iter().collect()
    }
}
