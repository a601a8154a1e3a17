//! A second reader of YAML, of another descent than Kestra's: what both read alike is read so.

use saphyr_parser::{Event, Parser};

use super::event;

/// The line of the first text that the two readers do not find alike, if they differ at all.
pub(super) fn differs(source: &str) -> Option<usize> {
    let mut first = Vec::new();
    // What the first reader cannot read was refused before.
    let _ = event::read(source, |event, start, _| {
        first.push((found(&event), start.line));
        true
    });
    let mut first = first.into_iter();
    let mut last = 1;
    for event in Parser::new_from_str(source) {
        let Ok((event, span)) = event else {
            return Some(last);
        };
        let other = match &event {
            Event::DocumentStart(_) => Found::Document,
            Event::Scalar(text, ..) => Found::Text(text.to_string()),
            Event::MappingStart(..) => Found::Mapping,
            Event::SequenceStart(..) => Found::List,
            Event::MappingEnd | Event::SequenceEnd => Found::End,
            Event::Alias(_) => Found::Alias,
            _ => continue,
        };
        last = span.start.line();
        match first.next() {
            Some((found, _)) if found == other => {}
            Some((_, line)) => return Some(line),
            None => return Some(last),
        }
    }
    first.next().map(|(_, line)| line)
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Document,
    Text(String),
    Mapping,
    List,
    End,
    Alias,
}

fn found(event: &event::Event) -> Found {
    match event {
        event::Event::Document { .. } => Found::Document,
        event::Event::Scalar { text, .. } => Found::Text(text.clone()),
        event::Event::Mapping(_) => Found::Mapping,
        event::Event::List(_) => Found::List,
        event::Event::End => Found::End,
        event::Event::Alias(_) => Found::Alias,
    }
}
