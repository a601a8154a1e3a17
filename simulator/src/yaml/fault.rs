//! Why a text is no YAML, in the words of `SnakeYAML` and Jackson.

use libyaml_safer::{Error, ErrorKind, Mark};

use super::{
    Step,
    words::{NEXT_TOKEN, NO_TOKEN, Said, lines, snippet},
};

/// A line and a column, from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// Of a mark, not after the end of the source: what is read has a line break more.
    pub(super) fn of(mark: Mark, end: Self) -> Self {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX - 1) + 1;
        let (line, column) = (number(mark.line), number(mark.column));
        if line > end.line {
            end
        } else {
            Self { line, column }
        }
    }

    /// Behind the last character.
    pub(super) fn end(source: &str) -> Self {
        let (mut line, mut last) = (0, "");
        for text in lines(source) {
            (line, last) = (line + 1, text);
        }
        let column = last.chars().count() + 1;
        Self { line, column }
    }
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
mod tests {
    use super::super::{Duplicates, first_document};

    fn said(source: &str) -> String {
        let fault = first_document(source, Duplicates::Refused).unwrap_err();
        fault.text("")
    }

    #[test]
    fn faults_are_told_in_the_recorded_words() {
        assert_eq!(
            said("a: ["),
            "YAML parsing error: while parsing a flow node\n in 'reader', line 1, column 5:\n    \
             a: [\n        ^\nexpected the node content, but found '<stream end>'\n in 'reader', \
             line 1, column 5:\n    a: [\n        ^\n\n at [Source: (StringReader); line: 1, column: \
             5] (at line 1)"
        );
        assert_eq!(
            said("id: x\ntasks:\n\t- id: t\n"),
            "YAML parsing error: while scanning for the next token\nfound character '\\t(TAB)' that \
             cannot start any token. (Do not use \\t(TAB) for indentation)\n in 'reader', line 3, \
             column 1:\n    \t- id: t\n    ^\n\n at [Source: (StringReader); line: 2, column: 6] \
             (at line 2)"
        );
    }

    /// What `SnakeYAML` 2.4 and Jackson's reader say.
    #[test]
    fn what_was_found_is_named() {
        for (source, words) in [
            ("a: b\n c: d\n", ": mapping values are not allowed here\n"),
            (
                "a: b: c\n",
                "mapping values are not allowed here\n in 'reader', line 1, column 5:",
            ),
            (
                "a:\n  b: 1\n c: 2\n",
                "expected <block end>, but found '<block mapping start>'",
            ),
            ("a:\n  - b\n  c: d\n", "expected <block end>, but found '?'"),
            ("a: b\n- c\n", "expected <block end>, but found '-'"),
            ("a: [b}\n", "expected ',' or ']', but got }"),
            ("a: ['b'\nc: d\n", "expected ',' or ']', but got <scalar>"),
            ("a: \"b\n", "found unexpected end of stream"),
            (
                "a: >b\n",
                "expected chomping or indentation indicators, but found b(98)",
            ),
            (
                "a: > b\n",
                "expected a comment or a line break, but found b(98)",
            ),
            (
                "a: @b\n",
                "found character '@' that cannot start any token.",
            ),
        ] {
            assert!(said(source).contains(words), "{source:?}: {}", said(source));
        }
    }

    #[test]
    fn a_tab_begins_no_token_wherever_it_stands() {
        for source in [
            "a:\t b\n",
            "a: 'b'\t\n",
            "a: b\n\tc: d\n",
            "a: b\n  \tc\n",
            "a: |\n  b\n\tc: d\n",
            "a: [b,\tc]\n",
            "\t# c\na: b\n",
        ] {
            let said = said(source);
            assert!(
                said.contains("found character '\\t(TAB)'"),
                "{source:?}: {said}"
            );
        }
        for source in ["a: b\t\n", "a: b\t # c\td\n", "a: 'b\tc'\n", "a: b\tc\n"] {
            let read = first_document(source, Duplicates::Refused);
            assert!(read.is_ok(), "{source:?}");
        }
    }

    #[test]
    fn tabs_within_texts_are_texts() {
        let node = first_document("a: |\n  \tb\n", Duplicates::Refused);
        assert_eq!(
            node.unwrap().unwrap().value(),
            serde_json::json!({"a": "\tb\n"})
        );
        // Without a line break at its end, a block has none.
        let node = first_document("a: |\n  b\n  c", Duplicates::Refused);
        assert_eq!(
            node.unwrap().unwrap().value(),
            serde_json::json!({"a": "b\nc"})
        );
    }
}
