//! Why a text is no YAML, in the words of `SnakeYAML` and Jackson.

use libyaml_safer::{Error, ErrorKind};

use super::{
    message::{NEXT_TOKEN, NO_TOKEN, Said, snippet},
    place::Place,
};

/// A step from a collection to what it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// Where and why a text is no YAML.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// What is wrong, as the reader says it.
    pub(crate) message: String,
    /// Where the reader stood.
    pub(crate) place: Place,
    /// What it was reading there.
    pub(crate) chain: Vec<Step>,
    /// Whether Kestra says it in words of its own.
    own_words: bool,
}

impl Fault {
    pub(super) fn new(message: String, place: Place) -> Self {
        Self {
            message,
            place,
            chain: Vec::new(),
            own_words: false,
        }
    }

    /// A key that is no scalar.
    pub(super) fn structure(place: Place) -> Self {
        let message = "YAML syntax error: Invalid structure. Check indentation and ensure all \
                       fields are properly formatted.";
        Self {
            own_words: true,
            ..Self::new(message.to_owned(), place)
        }
    }

    pub(super) fn within(self, chain: Vec<Step>) -> Self {
        Self { chain, ..self }
    }

    /// What Kestra says of it, with the reference chain that it may name.
    pub(crate) fn text(&self, chain: &str) -> String {
        let (line, message) = (self.place.line, &self.message);
        if self.own_words {
            return format!("{message} (at line {line})");
        }
        parsing_error(message, Some(self.place), chain)
    }

    /// A tab that begins no token, after what was read last.
    pub(super) fn of_tab(source: &str, at: Place, last: Place) -> Self {
        let said = Said {
            context: None,
            begun: None,
            source,
            at,
        };
        let (_, problem) = said.words(NO_TOKEN);
        let snippet = snippet(at, source);
        Self::new(format!("{NEXT_TOKEN}\n{problem}\n{snippet}"), last)
    }

    /// What the parser says of `source`, after what it read last.
    pub(super) fn of_parser(error: &Error, source: &str, last: Place) -> Self {
        let end = Place::end(source);
        let found = error.problem_mark().map(|mark| Place::of(mark, end));
        let Some(found) = found.filter(|_| error.kind() != ErrorKind::Reader) else {
            return Self::new("special characters are not allowed\n".to_owned(), last);
        };
        let begun = error.context_mark().map(|mark| Place::of(mark, end));
        let said = Said {
            context: error.context(),
            begun,
            source,
            at: found,
        };
        let (context, problem) = said.words(error.problem());
        let mut text = String::new();
        if let Some(context) = context {
            text.push_str(context);
            text.push('\n');
            // The scanner does not say where it began to look for a token.
            if let Some(begun) = begun.filter(|_| context != NEXT_TOKEN) {
                text.push_str(&snippet(begun, source));
            }
        }
        text.push_str(&problem);
        text.push('\n');
        text.push_str(&snippet(found, source));
        Self::new(text, last)
    }
}

/// Jackson's text of a fault, as Kestra shows it: without a place where it read a map.
pub(crate) fn parsing_error(message: &str, place: Option<Place>, chain: &str) -> String {
    let chain = if chain.is_empty() {
        String::new()
    } else {
        format!(" (through reference chain: {chain})")
    };
    match place {
        Some(Place { line, column }) => format!(
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
