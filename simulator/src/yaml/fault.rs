//! Why a text is no YAML, in the words of `SnakeYAML` and Jackson.

use libyaml_safer::{Error, ErrorKind, Mark};

use super::Step;

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
        let lines: Vec<&str> = source.split(is_break).collect();
        Self {
            line: lines.len().max(1),
            column: lines.last().map_or(0, |line| line.chars().count()) + 1,
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
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

    /// What the parser says of `source`, after what it read last.
    pub(super) fn of_parser(error: &Error, source: &str, last: Place) -> Self {
        let end = Place::end(source);
        let found = error.problem_mark().map(|mark| Place::of(mark, end));
        let Some(found) = found.filter(|_| error.kind() != ErrorKind::Reader) else {
            return Self::new("special characters are not allowed\n".to_owned(), last);
        };
        let (context, problem) = words(error.context(), error.problem(), source, found);
        let mut text = String::new();
        if let Some(context) = context {
            text.push_str(context);
            text.push('\n');
            // The scanner does not say where it began to look for a token.
            let begun = error.context_mark().filter(|_| context != NEXT_TOKEN);
            if let Some(begun) = begun {
                text.push_str(&snippet(Place::of(begun, end), source));
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

const NEXT_TOKEN: &str = "while scanning for the next token";

/// The parser's words as `SnakeYAML` says them, which names what it found.
fn words(
    context: Option<&'static str>,
    problem: &'static str,
    source: &str,
    at: Place,
) -> (Option<&'static str>, String) {
    let problem = match problem {
        "did not find expected node content" => {
            format!(
                "expected the node content, but found '{}'",
                token(source, at)
            )
        }
        "did not find expected key" | "did not find expected '-' indicator" => {
            format!("expected <block end>, but found '{}'", token(source, at))
        }
        "did not find expected ',' or ']'" => {
            format!("expected ',' or ']', but got {}", token(source, at))
        }
        "did not find expected ',' or '}'" => {
            format!("expected ',' or '}}', but got {}", token(source, at))
        }
        "did not find expected <document start>" => {
            format!(
                "expected '<document start>', but found '{}'",
                token(source, at)
            )
        }
        "found character that cannot start any token" => {
            let c = match rest(source, at).chars().next() {
                Some('\t') => "\\t(TAB)".to_owned(),
                c => c.map(String::from).unwrap_or_default(),
            };
            format!(
                "found character '{c}' that cannot start any token. (Do not use {c} for indentation)"
            )
        }
        "mapping values are not allowed in this context" => {
            return (None, "mapping values are not allowed here".to_owned());
        }
        "block sequence entries are not allowed in this context" => {
            return (None, "sequence entries are not allowed here".to_owned());
        }
        "mapping keys are not allowed in this context" => {
            return (None, "mapping keys are not allowed here".to_owned());
        }
        "found unexpected document indicator" => "found unexpected document separator".to_owned(),
        other => other.to_owned(),
    };
    (context, problem)
}

/// What stands at a place and behind it on the line.
fn rest(source: &str, at: Place) -> &str {
    let line = source.split(is_break).nth(at.line - 1).unwrap_or_default();
    let start = line.char_indices().nth(at.column - 1);
    start.map_or("", |(at, _)| line.get(at..).unwrap_or_default())
}

/// The name of the token that begins at a place.
fn token(source: &str, at: Place) -> &'static str {
    let end = Place::end(source);
    if (at.line, at.column) >= (end.line, end.column) {
        return "<stream end>";
    }
    let rest = rest(source, at);
    let alone = rest
        .get(1..)
        .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    match rest.chars().next() {
        Some('[') => "[",
        Some(']') => "]",
        Some('{') => "{",
        Some('}') => "}",
        Some(',') => ",",
        Some('-') if rest.starts_with("---") => "<document start>",
        Some('.') if rest.starts_with("...") => "<document end>",
        Some('-') if alone => "<block sequence start>",
        Some('?') if alone => "?",
        Some(':') if alone => ":",
        Some('&') => "<anchor>",
        Some('*') => "<alias>",
        Some('!') => "<tag>",
        _ if rest.contains(": ") || rest.ends_with(':') => "<block mapping start>",
        _ => "<scalar>",
    }
}

/// A place with its line and a pointer into it, cut as `SnakeYAML` cuts it.
fn snippet(at: Place, source: &str) -> String {
    const HALF: usize = 36;
    let line: Vec<char> = source
        .split(|c: char| is_break(c) || c == '\r' || c == '\0')
        .nth(at.line - 1)
        .unwrap_or_default()
        .chars()
        .collect();
    let pointer = (at.column - 1).min(line.len());
    let (start, head) = match pointer.checked_sub(HALF + 1) {
        Some(start) => (start + 5, " ... "),
        None => (0, ""),
    };
    let (end, tail) = if line.len() - pointer > HALF {
        (pointer + HALF + 1 - 5, " ... ")
    } else {
        (line.len(), "")
    };
    let shown: String = line.get(start..end).unwrap_or_default().iter().collect();
    let indent = " ".repeat(4 + pointer - start + head.len());
    let Place { line, column } = at;
    format!(" in 'reader', line {line}, column {column}:\n    {head}{shown}{tail}\n{indent}^\n")
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

    #[test]
    fn what_the_parsers_source_says_unproven() {
        for (source, words) in [
            ("a: b\n c: d\n", ": mapping values are not allowed here\n"),
            (
                "a: b: c\n",
                "mapping values are not allowed here\n in 'reader', line 1, column 5:",
            ),
            ("a:\n  b: 1\n c: 2\n", "expected <block end>, but found"),
            ("a: [b}\n", "expected ',' or ']', but got }"),
            ("a: \"b\n", "found unexpected end of stream"),
        ] {
            assert!(said(source).contains(words), "{source:?}: {}", said(source));
        }
    }

    #[test]
    fn tabs_within_texts_are_texts() {
        let node = first_document("a: |\n  \tb\n", Duplicates::Refused);
        assert_eq!(
            node.unwrap().unwrap().value(),
            serde_json::json!({"a": "\tb\n"})
        );
    }
}
