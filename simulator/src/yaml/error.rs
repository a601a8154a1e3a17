//! Parse errors, with the messages of `SnakeYAML` and Jackson.

use libyaml_safer::{Error, ErrorKind};

use super::{
    location::Location,
    message::{NEXT_TOKEN, NO_TOKEN, Problem, snippet},
};

/// A step from a collection to one of its members.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PathStep {
    Key(String),
    Item(usize),
}

/// A parse error.
#[derive(Clone, Debug)]
pub(crate) struct YamlError {
    /// The parser's message.
    pub(crate) message: String,
    /// The parser's location.
    pub(crate) location: Location,
    /// The path to the value that was being parsed.
    pub(crate) chain: Vec<PathStep>,
    /// Whether Kestra replaces the parser's message with its own.
    own_words: bool,
}

impl YamlError {
    pub(super) fn new(message: String, location: Location) -> Self {
        Self {
            message,
            location,
            chain: Vec::new(),
            own_words: false,
        }
    }

    /// A key that is not a scalar.
    pub(super) fn structure(location: Location) -> Self {
        let message = "YAML syntax error: Invalid structure. Check indentation and ensure all \
                       fields are properly formatted.";
        Self {
            own_words: true,
            ..Self::new(message.to_owned(), location)
        }
    }

    pub(super) fn within(self, chain: Vec<PathStep>) -> Self {
        Self { chain, ..self }
    }

    /// Kestra's message; it includes the reference chain, if there is one.
    pub(crate) fn text(&self, chain: &str) -> String {
        let (line, message) = (self.location.line, &self.message);
        if self.own_words {
            return format!("{message} (at line {line})");
        }
        parsing_error(message, Some(self.location), chain)
    }

    /// A tab that cannot start a token; `last` is where the last event ended.
    pub(super) fn of_tab(source: &str, at: Location, last: Location) -> Self {
        let scalar_text = Problem {
            context: None,
            context_start: None,
            source,
            at,
        };
        let (_, problem) = scalar_text.translate(NO_TOKEN);
        let snippet = snippet(at, source);
        Self::new(format!("{NEXT_TOKEN}\n{problem}\n{snippet}"), last)
    }

    /// An error of the parser; `last` is where the last event ended.
    pub(super) fn of_parser(error: &Error, source: &str, last: Location) -> Self {
        let end = Location::end(source);
        let found = error.problem_mark().map(|mark| Location::of(mark, end));
        let Some(found) = found.filter(|_| error.kind() != ErrorKind::Reader) else {
            return Self::new("special characters are not allowed\n".to_owned(), last);
        };
        let context_start = error.context_mark().map(|mark| Location::of(mark, end));
        let scalar_text = Problem {
            context: error.context(),
            context_start,
            source,
            at: found,
        };
        let (context, problem) = scalar_text.translate(error.problem());
        let mut text = String::new();
        if let Some(context) = context {
            text.push_str(context);
            text.push('\n');
            // SnakeYAML's scanner does not report where it began to look for a token.
            if let Some(context_start) = context_start.filter(|_| context != NEXT_TOKEN) {
                text.push_str(&snippet(context_start, source));
            }
        }
        text.push_str(&problem);
        text.push('\n');
        text.push_str(&snippet(found, source));
        Self::new(text, last)
    }
}

/// Jackson's message as Kestra shows it; there is no location when it read a map.
pub(crate) fn parsing_error(message: &str, location: Option<Location>, chain: &str) -> String {
    let chain = if chain.is_empty() {
        String::new()
    } else {
        format!(" (through reference chain: {chain})")
    };
    match location {
        Some(Location { line, column }) => format!(
            "YAML parsing error: {message}\n at [Source: (StringReader); line: {line}, column: \
             {column}]{chain} (at line {line})"
        ),
        None => format!(
            "YAML parsing error: {message}\n at [Source: UNKNOWN; byte offset: #UNKNOWN]{chain} \
             (at line -1)"
        ),
    }
}

#[cfg(test)]
mod tests;
