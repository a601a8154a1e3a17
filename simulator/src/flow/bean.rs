//! Jakarta Bean Validation constraints of a value.

use regex::Regex;

/// A constraint, named after its annotation in Java.
#[derive(Clone, Copy)]
pub(super) enum Constraint {
    NotNull,
    NotBlank,
    NotEmpty,
    Matches(&'static str),
    /// A pattern with its own message.
    MatchesWithMessage(&'static str, &'static str),
    Size(usize, usize),
    Min(i64),
}

/// `@Pattern` matches the whole text.
fn matches(pattern: &str, text: &str) -> bool {
    let whole = Regex::new(&format!(r"\A(?:{pattern})\z"));
    whole.is_ok_and(|regex| regex.is_match(text))
}

impl Constraint {
    /// The message if the text violates the constraint.
    pub(super) fn violation(self, text: Option<&str>) -> Option<String> {
        Some(match (self, text) {
            (Self::NotNull, None) => "must not be null".to_owned(),
            (Self::NotBlank, None) => "must not be blank".to_owned(),
            (Self::NotBlank, Some(text)) if text.trim().is_empty() => {
                "must not be blank".to_owned()
            }
            (Self::NotEmpty, None | Some("")) => "must not be empty".to_owned(),
            (Self::Matches(pattern), Some(text)) if !matches(pattern, text) => {
                format!("must match \"{pattern}\"")
            }
            (Self::MatchesWithMessage(pattern, words), Some(text)) if !matches(pattern, text) => {
                words.to_owned()
            }
            (Self::Size(least, most), Some(text))
                if !(least..=most).contains(&text.encode_utf16().count()) =>
            {
                format!("size must be between {least} and {most}")
            }
            (Self::Min(least), Some(text))
                if text.parse::<i64>().is_ok_and(|number| number < least) =>
            {
                format!("must be greater than or equal to {least}")
            }
            _ => return None,
        })
    }
}
