//! The events of a YAML source, by the grammar that Kestra's parser reads.
//!
//! Kestra reads with SnakeYAML, whose scanner and parser are those of PyYAML and libyaml: YAML 1.1,
//! where U+0085, U+2028 and U+2029 end a line. `libyaml-safer` is of the same descent; over hundreds
//! of thousands of generated sources both tell the same events, or one of them refuses.

use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{EventData, Mark, Parser, ScalarStyle};

/// Stands for a tab at the begin of a line, see [`legible`].
const TAB: char = '\u{b7}';
/// What is said where the parser itself fails.
const UNREADABLE: &str = "a token that ends before it is whole";

/// A place in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1.
    pub(super) line: usize,
    /// From 1.
    pub(super) column: usize,
    /// Characters before it.
    pub(super) index: usize,
}

/// What stands at a place.
#[derive(Debug)]
pub(super) enum Event {
    /// A document begins; whether a mark says so, and whether directives stand before it.
    Document { marked: bool, directed: bool },
    /// A text.
    Scalar {
        text: String,
        style: Style,
        marked: Marked,
    },
    /// A mapping begins.
    Mapping(Marked),
    /// A list begins.
    List(Marked),
    /// A mapping or a list ends.
    End,
    /// What another place is to be repeated here.
    Alias(String),
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Without anything around it: it may be read as a number, a truth value or null.
    Plain,
    /// Between quotes.
    Quoted,
    /// As a block, after `|` or `>`.
    Block,
}

/// The anchor and the tag before a node.
#[derive(Debug, Default)]
pub(super) struct Marked {
    /// `&name`.
    pub(super) anchor: Option<String>,
    /// `!name`.
    pub(super) tagged: bool,
}

/// Why there are no more events.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The parser's words, without anything of the source.
    pub(super) message: &'static str,
    pub(super) place: Place,
}

/// The events of `source` with where they begin and end, until `take` has seen enough.
///
/// # Errors
/// [`Broken`] where the source is not YAML.
pub(super) fn read(
    source: &str,
    mut take: impl FnMut(Event, Place, Place) -> bool,
) -> Result<(), Broken> {
    let text = legible(source);
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input(&mut bytes);
    let mut last = place(Mark::default());
    loop {
        // The parser panics at a tag before a comma in a flow collection. It is dropped then.
        let event = catch_unwind(AssertUnwindSafe(|| parser.parse())).map_err(|_| Broken {
            message: UNREADABLE,
            place: last,
        })?;
        let event = event.map_err(|error| Broken {
            message: error.problem(),
            place: error.problem_mark().map_or(last, place),
        })?;
        let (start, end) = (place(event.start_mark), place(event.end_mark));
        last = end;
        let marked = |anchor, tag: &Option<String>| Marked {
            anchor,
            tagged: tag.is_some(),
        };
        let event = match event.data {
            EventData::StreamEnd => return Ok(()),
            EventData::DocumentStart {
                implicit,
                version_directive,
                tag_directives,
            } => Event::Document {
                marked: !implicit,
                directed: version_directive.is_some() || !tag_directives.is_empty(),
            },
            EventData::Alias { anchor } => Event::Alias(anchor),
            EventData::MappingStart { anchor, tag, .. } => Event::Mapping(marked(anchor, &tag)),
            EventData::SequenceStart { anchor, tag, .. } => Event::List(marked(anchor, &tag)),
            EventData::MappingEnd | EventData::SequenceEnd => Event::End,
            EventData::Scalar {
                anchor,
                tag,
                value,
                style,
                ..
            } => Event::Scalar {
                text: value,
                style: match style {
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                    _ => Style::Plain,
                },
                marked: marked(anchor, &tag),
            },
            _ => continue,
        };
        if !take(event, start, end) {
            return Ok(());
        }
    }
}

fn place(mark: Mark) -> Place {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Place {
        line: number(mark.line).saturating_add(1),
        column: number(mark.column).saturating_add(1),
        index: number(mark.index),
    }
}

/// `source` where the parser takes what SnakeYAML takes: a tab that begins the text of a line, and
/// a block that ends without a line break. No character moves.
///
/// SnakeYAML takes a tab at the begin of a line as part of a text or not at all, so that another
/// character of a text stands for it just as well.
fn legible(source: &str) -> String {
    let mut text = String::with_capacity(source.len() + 1);
    let mut begin = true;
    for c in source.chars() {
        text.push(if begin && c == '\t' { TAB } else { c });
        begin = is_break(c) || begin && c == ' ';
    }
    if !source.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether `c` ends a line in YAML 1.1.
pub(super) const fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Result<Vec<String>, Broken> {
        let mut texts = Vec::new();
        read(source, |event, _, _| {
            if let Event::Scalar { text, .. } = event {
                texts.push(text);
            }
            true
        })?;
        Ok(texts)
    }

    #[test]
    fn takes_what_kestras_parser_takes() {
        for (source, expected) in [
            ("a: [\n b\n]\n", vec!["a", "b"]),
            ("a:\n  {\n  b: c\n  }\n", vec!["a", "b", "c"]),
            ("a: \"b\n  c\"\nd: 'e\nf'\n", vec!["a", "b c", "d", "e f"]),
            ("a: |\n  \tb\n", vec!["a", "\u{b7}b\n"]),
            ("a: |\n  b", vec!["a", "b\n"]),
            ("a: |2\n   ", vec!["a", " \n"]),
            ("{\"a\":b}", vec!["a", "b"]),
            ("# c\u{2028}a: b\n", vec!["a", "b"]),
            ("{a:b}", vec!["a:b", ""]),
        ] {
            assert_eq!(texts(source).expect(source), expected, "{source:?}");
        }
    }

    #[test]
    fn a_parser_that_fails_says_so() {
        for source in ["[!, ", "{a: !b, c: d}", "x: [!a, b"] {
            // Whether it takes them or not: it ends.
            let _ = texts(source);
        }
        assert!(texts("a: \u{7}").is_err());
        let broken = texts("a: b\n c: d\n").expect_err("not YAML");
        assert_eq!((broken.place.line, broken.place.column), (2, 3));
    }
}
