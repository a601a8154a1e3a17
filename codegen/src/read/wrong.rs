//! What serde finds wrong, and where.

use std::fmt;

use serde::de::Unexpected;
use vocabulary::Place;

use crate::nearest::nearest;
use crate::tree::Tree;

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    /// None where the reader has not said it yet.
    pub(super) place: Option<Place>,
    pub(super) message: String,
    /// Of a key that its table does not have: those that it has.
    pub(super) known: Option<&'static [&'static str]>,
}

impl Wrong {
    pub(super) fn at(self, tree: &Tree) -> Self {
        Self {
            place: self.place.or_else(|| Some(place(tree))),
            ..self
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            place: None,
            message: message.to_string(),
            known: None,
        }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, not {unexpected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("missing `{field}`"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self {
            known: Some(expected),
            ..Self::custom(unknown(field, expected))
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let near = nearest(variant, expected.iter().copied());
        let shown = |word: &&'static str| if word.is_empty() { "\"\"" } else { *word };
        let all: Vec<&str> = expected.iter().map(shown).collect();
        Self::custom(format_args!(
            "\"{variant}\" is not one of {}{near}",
            all.join(", ")
        ))
    }
}

pub(super) fn unknown(key: &str, known: &[&str]) -> String {
    let near = nearest(key, known.iter().copied().chain(["lines", "before"]));
    format!("unknown key `{key}`{near}")
}

pub(super) fn place(tree: &Tree) -> Place {
    let number = |number: usize| u32::try_from(number).unwrap_or_default();
    Place {
        line: number(tree.line),
        column: number(tree.column),
    }
}
