//! What is known of a source that keeps every rule.

use std::borrow::Cow;

use serde_json::Value;

/// A source that every rule was checked of.
#[derive(Debug, Default, PartialEq)]
pub struct Outline {
    /// Its top-level keys with the texts under them, null where there is none.
    pub names: Value,
    /// What Kestra takes and reads otherwise than one may think.
    pub warnings: Vec<String>,
    /// Characters before the mark that begins it, if there are any.
    pub(super) head: Option<usize>,
}

impl Outline {
    /// `source`, which this was read from, without the mark that begins the document after a head
    /// of comments: Kestra's validation would take them for a document of their own.
    pub fn undivided<'a>(&self, source: &'a str) -> Cow<'a, str> {
        let Some(head) = self.head else {
            return Cow::Borrowed(source);
        };
        let in_mark = |at: usize| (head..head + 3).contains(&at);
        let characters = source.chars().enumerate();
        Cow::Owned(
            characters
                .map(|(at, c)| if in_mark(at) { ' ' } else { c })
                .collect(),
        )
    }
}
