//! The parser's events.
//!
//! `libyaml-safer` and `SnakeYAML` have a common ancestor: YAML 1.1, in which U+0085, U+2028 and
//! U+2029 are line breaks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{Error, EventData, Mark, Parser, ScalarStyle};

use super::{
    error::YamlError,
    location::Location,
    tab::{parser_input, tab_in, tab_that_begins},
};

/// Jackson's maximum nesting depth.
pub(super) const MAX_DEPTH: usize = 1000;

/// The parser's error for a tab that `SnakeYAML` accepts inside of a block scalar.
const TAB_IN_BLOCK: &str = "found a tab character where an indentation space is expected";
/// The parser's error for a tab between the lines of a scalar, where `SnakeYAML` expects a token.
const TAB_IN_TEXT: &str = "found a tab character that violates indentation";

/// An event.
#[derive(Debug)]
pub(super) enum Event {
    Scalar {
        text: String,
        plain: bool,
    },
    /// An alias, which Jackson reads as the name of its anchor.
    Alias(String),
    List,
    Mapping,
    End,
}

/// An event with its start and end.
pub(super) type Placed = (Event, Location, Location);

/// Iterates over the events of a source. They are collected up front, because the parser borrows
/// its input.
pub(super) struct Events {
    read: std::vec::IntoIter<Placed>,
    fault: Option<YamlError>,
}

impl Events {
    pub(super) fn new(source: &str) -> Self {
        let mut read = Vec::new();
        let mut result = parse(source, None, &mut read);
        if matches!(&result, Err(broken) if broken.problem == Some(TAB_IN_BLOCK)) {
            // An unused private-use character stands in for tabs.
            let tab = ('\u{e000}'..'\u{f8ff}').find(|c| !source.contains(*c));
            read.clear();
            result = parse(source, tab, &mut read);
        }
        let fault = result.err().map(|broken| broken.fault);
        Self {
            read: read.into_iter(),
            fault,
        }
    }

    /// The next event of the first document; `None` after its end.
    pub(super) fn next(&mut self) -> Result<Option<Placed>, YamlError> {
        match (self.read.next(), self.fault.take()) {
            (Some(event), fault) => {
                self.fault = fault;
                Ok(Some(event))
            }
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(None),
        }
    }
}

/// Why parsing stopped.
struct ParseFailure {
    problem: Option<&'static str>,
    fault: YamlError,
}

fn parse(source: &str, tab: Option<char>, read: &mut Vec<Placed>) -> Result<(), ParseFailure> {
    let text = parser_input(source, tab);
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input(&mut bytes);
    let mut source = Source::new(source, tab);
    let mut depth = 0_usize;
    loop {
        // The parser panics if the source ends inside of a tag or a block; it is dropped then.
        let event = catch_unwind(AssertUnwindSafe(|| parser.parse()))
            .map_err(|_| source.broken("found unexpected end of stream\n"))?
            .map_err(|error| source.fault(&error))?;
        source.check_tabs(&event)?;
        let (start, end) = (
            source.location(event.start_mark),
            source.location(event.end_mark),
        );
        let event = match event.data {
            EventData::StreamEnd | EventData::DocumentEnd { .. } => return Ok(()),
            EventData::Alias { anchor } => Event::Alias(anchor),
            EventData::Scalar {
                value, style, tag, ..
            } => Event::Scalar {
                text: source.scalar_text(value, style, end),
                plain: style == ScalarStyle::Plain && tag.is_none_or(|tag| tag == "!"),
            },
            EventData::MappingStart { .. } => Event::Mapping,
            EventData::SequenceStart { .. } => Event::List,
            EventData::MappingEnd | EventData::SequenceEnd => Event::End,
            _ => continue,
        };
        match event {
            Event::List | Event::Mapping => depth += 1,
            Event::End => depth = depth.saturating_sub(1),
            Event::Scalar { .. } | Event::Alias(_) => {}
        }
        read.push((event, start, end));
        // Whatever follows the document is ignored.
        if depth == 0 || depth > MAX_DEPTH {
            return Ok(());
        }
    }
}

/// A source, and how far it was parsed.
struct Source<'a> {
    text: &'a str,
    characters: Vec<char>,
    end: Location,
    /// The character that stands in for tabs.
    tab: Option<char>,
    /// Where the last event ended.
    last: Location,
    /// The number of characters covered by events.
    reached: usize,
    /// Whether the last event was a plain scalar.
    after_plain: bool,
}

impl<'a> Source<'a> {
    fn new(text: &'a str, tab: Option<char>) -> Self {
        Self {
            text,
            characters: text.trim_start_matches('\u{feff}').chars().collect(),
            end: Location::end(text),
            tab,
            last: Location::START,
            reached: 0,
            after_plain: false,
        }
    }

    fn location(&self, mark: Mark) -> Location {
        Location::of(mark, self.end)
    }

    fn broken(&self, message: &str) -> ParseFailure {
        ParseFailure {
            problem: None,
            fault: YamlError::new(message.to_owned(), self.last),
        }
    }

    fn fault(&self, error: &Error) -> ParseFailure {
        let problem = error.problem();
        let at = error.problem_mark().filter(|_| problem == TAB_IN_TEXT);
        ParseFailure {
            problem: Some(problem),
            fault: match at {
                Some(mark) => YamlError::of_tab(self.text, self.location(mark), self.last),
                None => YamlError::of_parser(error, self.text, self.last),
            },
        }
    }

    /// Rejects tabs in or before an event that `SnakeYAML` does not accept, then records the event.
    fn check_tabs(&mut self, event: &libyaml_safer::Event) -> Result<(), ParseFailure> {
        let index = |mark: Mark| usize::try_from(mark.index).unwrap_or(usize::MAX);
        let (from, to) = (index(event.start_mark), index(event.end_mark));
        let part = |from, to| self.characters.get(from..to).unwrap_or_default();
        let is_plain = matches!(
            event.data,
            EventData::Scalar {
                style: ScalarStyle::Plain,
                ..
            }
        );
        // With a character standing in for tabs, a tab can start a scalar.
        let begins = self.tab.is_some() && self.characters.get(from) == Some(&'\t');
        let inside = is_plain.then(|| tab_that_begins(part(from, to))).flatten();
        let tab = tab_in(part(self.reached, from), self.after_plain)
            .map(|tab| self.reached + tab)
            .or(begins.then_some(from))
            .or(inside.map(|tab| from + tab));
        if let Some(tab) = tab {
            let before: String = part(0, tab).iter().collect();
            return Err(ParseFailure {
                problem: None,
                fault: YamlError::of_tab(self.text, Location::end(&before), self.last),
            });
        }
        let implicit = matches!(event.data, EventData::DocumentStart { implicit: true, .. });
        let end = if implicit {
            event.start_mark
        } else {
            event.end_mark
        };
        self.last = self.location(end);
        self.reached = self.reached.max(to);
        self.after_plain = is_plain;
        Ok(())
    }

    /// The text of a scalar, without what [`parser_input`] added.
    fn scalar_text(&self, value: String, style: ScalarStyle, end: Location) -> String {
        let mut text = match self.tab {
            Some(tab) => value.replace(tab, "\t"),
            None => value,
        };
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let unended = self.text.ends_with(|c: char| !c.is_whitespace());
        if block && unended && end == self.end && text.ends_with('\n') {
            text.pop();
        }
        text
    }
}
