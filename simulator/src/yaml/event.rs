//! The events of a source.
//!
//! `libyaml-safer` is of `SnakeYAML`'s descent: YAML 1.1, where U+0085, U+2028 and U+2029 end lines.

use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{EventData, Parser, ScalarStyle};

use super::fault::{Fault, Place};

/// What the parser says of tabs that `SnakeYAML` takes as part of a text.
const TABS: [&str; 2] = [
    "found a tab character where an indentation space is expected",
    "found a tab character that violates indentation",
];

/// What stands at a place.
#[derive(Debug)]
pub(super) enum Event {
    Scalar { text: String, plain: bool },
    List,
    Mapping,
    End,
}

/// An event with where it begins and ends.
pub(super) type Placed = (Event, Place, Place);

/// The parser of one source. What it makes of the first events is collected at once, because the
/// parser borrows its input.
pub(super) struct Events {
    read: std::vec::IntoIter<Placed>,
    fault: Option<Fault>,
}

impl Events {
    pub(super) fn new(source: &str) -> Self {
        let mut read = Vec::new();
        let mut result = parse(source, None, &mut read);
        if matches!(&result, Err(Broken { problem: Some(problem), .. }) if TABS.contains(problem)) {
            // Private characters stand for nothing; one that is not there stands for tabs.
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

    /// The next event of the first document; none after its end.
    pub(super) fn next(&mut self) -> Result<Option<Placed>, Fault> {
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

/// Why there are no more events.
struct Broken {
    problem: Option<&'static str>,
    fault: Fault,
}

fn parse(source: &str, tab: Option<char>, read: &mut Vec<Placed>) -> Result<(), Broken> {
    let text = legible(source, tab);
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input(&mut bytes);
    let source_end = Place::end(source);
    let mut last = Place::START;
    let mut depth = 0_usize;
    loop {
        // The parser panics where a tag or a block ends with the source. It is dropped then.
        let event = catch_unwind(AssertUnwindSafe(|| parser.parse()))
            .map_err(|_| Broken {
                problem: None,
                fault: Fault::new("found unexpected end of stream\n".to_owned(), last),
            })?
            .map_err(|error| Broken {
                problem: Some(error.problem()),
                fault: Fault::of_parser(&error, source, last),
            })?;
        let (start, end) = (
            Place::of(event.start_mark, source_end),
            Place::of(event.end_mark, source_end),
        );
        last = end;
        let event = match event.data {
            EventData::StreamEnd | EventData::DocumentEnd { .. } => return Ok(()),
            EventData::Alias { anchor } => Event::Scalar {
                text: anchor,
                plain: false,
            },
            EventData::Scalar {
                value, style, tag, ..
            } => Event::Scalar {
                text: match tab {
                    Some(tab) => value.replace(tab, "\t"),
                    None => value,
                },
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
            Event::Scalar { .. } => {}
        }
        read.push((event, start, end));
        // What follows the document is not looked at.
        if depth == 0 || depth > super::DEPTH {
            return Ok(());
        }
    }
}

/// `source` with a line break at its end, without which the parser panics after some blocks, and
/// with another character for tabs that begin the text of a line.
fn legible(source: &str, tab: Option<char>) -> String {
    let mut text = String::with_capacity(source.len() + 1);
    let mut begin = true;
    for c in source.chars() {
        text.push(tab.filter(|_| begin && c == '\t').unwrap_or(c));
        begin = matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') || begin && c == ' ';
    }
    if !source.ends_with('\n') {
        text.push('\n');
    }
    text
}
