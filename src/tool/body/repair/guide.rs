//! What a reader and the bytes before it tell each other.

use std::cell::Cell;

/// What the reader of a body says of what comes next, and what it is told of what came.
#[derive(Debug, Default)]
pub struct Guide {
    /// The next value is not wanted.
    pub skip: Cell<bool>,
    /// Bytes of the next text.
    pub limit: Cell<usize>,
    /// The last text was longer.
    pub cut: Cell<bool>,
    /// Bytes of the body that were left out of texts.
    pub bytes: Cell<usize>,
    /// Values that lay too deep.
    pub deep: Cell<usize>,
}
