//! Translates error messages of `libyaml-safer` into those of `SnakeYAML`, which name the token
//! found.

use super::location::{Location, lines};

pub(super) const NEXT_TOKEN: &str = "while scanning for the next token";
pub(super) const NO_TOKEN: &str = "found character that cannot start any token";

/// An error of `libyaml-safer`.
pub(super) struct Problem<'a> {
    pub(super) context: Option<&'static str>,
    /// Where the context starts.
    pub(super) context_start: Option<Location>,
    pub(super) source: &'a str,
    pub(super) at: Location,
}

impl Problem<'_> {
    /// The context and problem as `SnakeYAML` words them.
    pub(super) fn translate(&self, problem: &'static str) -> (Option<&'static str>, String) {
        let token = self.token();
        let c = rest(self.source, self.at).chars().next().unwrap_or('\0');
        let coded = format!("{c}({})", u32::from(c));
        let problem = match problem {
            "did not find expected node content" => {
                format!("expected the node content, but found '{token}'")
            }
            "did not find expected key" | "did not find expected '-' indicator" => {
                format!("expected <block end>, but found '{token}'")
            }
            "did not find expected ',' or ']'" => format!("expected ',' or ']', but got {token}"),
            "did not find expected ',' or '}'" => format!("expected ',' or '}}', but got {token}"),
            "did not find expected <document start>" => {
                format!("expected '<document start>', but found '{token}'")
            }
            NO_TOKEN => {
                let c = match c {
                    '\t' => "\\t(TAB)".to_owned(),
                    c => c.to_string(),
                };
                format!(
                    "found character '{c}' that cannot start any token. (Do not use {c} for \
                     indentation)"
                )
            }
            "did not find expected comment or line break" if self.is_header() => {
                format!("expected chomping or indentation indicators, but found {coded}")
            }
            "did not find expected comment or line break" => {
                format!("expected a comment or a line break, but found {coded}")
            }
            "found unexpected non-alphabetical character"
            | "could not find expected directive name" => {
                format!("expected alphabetic or numeric character, but found {coded}")
            }
            "did not find expected alphabetic or numeric character" => {
                format!("unexpected character found {coded}")
            }
            "did not find expected whitespace or line break" => {
                format!("expected ' ', but found '{c}' ({})", u32::from(c))
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
            "found unexpected document indicator" => {
                "found unexpected document separator".to_owned()
            }
            other => other.to_owned(),
        };
        (self.context, problem)
    }

    /// Whether only indicators stand between the start of a block scalar and the problem.
    fn is_header(&self) -> bool {
        let line = self
            .context_start
            .map_or("", |context_start| rest(self.source, context_start));
        let header = line.strip_suffix(rest(self.source, self.at));
        header.is_some_and(|header| !header.contains([' ', '\t']))
    }

    /// The name of the token at the problem.
    fn token(&self) -> &'static str {
        let (end, at) = (Location::end(self.source), self.at);
        if (at.line, at.column) >= (end.line, end.column) {
            return "<stream end>";
        }
        let rest = rest(self.source, at);
        let more = rest.get(1..).unwrap_or_default();
        let alone = more.is_empty() || more.starts_with([' ', '\t']);
        let in_flow = self.context.is_some_and(|context| context.contains("flow"));
        let deeper = self
            .context_start
            .is_some_and(|context_start| at.column > context_start.column);
        // A deeper indentation starts a collection.
        let begins = |token, collection| {
            if deeper && !in_flow {
                collection
            } else {
                token
            }
        };
        let line = lines(self.source).nth(at.line - 1).unwrap_or_default();
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let is_key = !in_flow && indent + 1 == at.column && {
            let key = rest.split(" #").next().unwrap_or_default();
            key.contains(": ") || key.trim_end().ends_with(':')
        };
        match rest.chars().next() {
            Some('-') if rest.starts_with("---") => "<document start>",
            Some('.') if rest.starts_with("...") => "<document end>",
            Some('-') if alone => begins("-", "<block sequence start>"),
            Some('?') if alone => begins("?", "<block mapping start>"),
            Some(':') if alone => begins(":", "<block mapping start>"),
            Some('[') if !is_key => "[",
            Some(']') => "]",
            Some('{') if !is_key => "{",
            Some('}') => "}",
            Some(',') => ",",
            _ if is_key => begins("?", "<block mapping start>"),
            Some('&') => "<anchor>",
            Some('*') => "<alias>",
            Some('!') => "<tag>",
            _ => "<scalar>",
        }
    }
}

/// The rest of the line, from this location on.
fn rest(source: &str, at: Location) -> &str {
    let line = lines(source).nth(at.line - 1).unwrap_or_default();
    let start = line.char_indices().nth(at.column - 1);
    start.map_or("", |(at, _)| line.get(at..).unwrap_or_default())
}

/// A location with its line and a pointer into it, truncated as by `SnakeYAML`.
pub(super) fn snippet(at: Location, source: &str) -> String {
    const HALF: usize = 36;
    let line = lines(source).nth(at.line - 1).unwrap_or_default();
    let line: Vec<char> = line.chars().collect();
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
    let Location { line, column } = at;
    format!(" in 'reader', line {line}, column {column}:\n    {head}{shown}{tail}\n{indent}^\n")
}
