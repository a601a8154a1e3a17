//! A part of a text that is never cut: the lines that were asked for.

use serde_json::{Map, Value, json};
use vocabulary::{Expr, Fields, Make};

use super::members::NOTE;
use crate::tool::bindings::{Bindings, plain};
use crate::tool::error::Error;
use crate::tool::lines::Range;

/// What clients take of a text is told in tokens; one has about so many bytes.
const BYTES_OF_A_TOKEN: usize = 4;

/// The lines that were asked for.
pub(super) struct Part {
    pub(super) text: String,
    pub(super) first: usize,
    last: usize,
    total: usize,
    /// Bytes of the other lines.
    rest: usize,
    next: Option<Range>,
}

impl Part {
    /// Which they are, of how many.
    pub(super) fn range(&self) -> String {
        format!("{}-{} of {}", self.first, self.last, self.total)
    }
}

/// The lines `lines` of the text at `expr`; none where all of it was asked for. The whole is searched
/// for secrets before it is cut: a part of one would not be found.
///
/// # Errors
/// [`Error::Invalid`] when the text has fewer lines.
pub(super) fn of(
    bindings: &Bindings<'_>,
    expr: &Expr,
    lines: &Expr,
    row: &Value,
) -> Result<Option<Part>, Error> {
    let (Some(value), Some(asked)) = (bindings.get(expr, row), bindings.get(lines, row)) else {
        return Ok(None);
    };
    let text = plain(value);
    let text = bindings.ctx.secrets.whole(&text);
    let part = Range::parse(&plain(asked)).and_then(|range| range.of(&text));
    let Some(part) = part else {
        let (name, total) = (argument(lines), text.split_inclusive('\n').count());
        return Err(Error::invalid(
            name,
            format!("lines from 1 to {total}, which is all there are"),
        ));
    };
    Ok(Some(Part {
        text: part.text.to_owned(),
        first: part.first,
        last: part.last,
        total: part.total,
        rest: text.len() - part.text.len(),
        next: part.next(),
    }))
}

/// Notes that a text is only a part, or that a large text can be read in parts.
pub(super) fn put_note(
    bindings: &Bindings<'_>,
    fields: &Fields,
    row: &Value,
    object: &mut Map<String, Value>,
) {
    for (name, field) in fields {
        let Make::Whole {
            at,
            lines: Some((lines, large)),
            ..
        } = &field.make
        else {
            continue;
        };
        let asked = of(bindings, at, lines, row).ok().flatten();
        if let Some(part) = asked.as_ref().filter(|part| part.rest > 0) {
            object.insert("truncated".into(), part.truncated(name, lines));
        }
        let bytes = bindings.get(at, row).map_or(0, |text| plain(text).len());
        let whole = || (bytes > *large).then(|| large_note(name, bytes, lines));
        let note = asked.map(|part| part.note(name)).or_else(whole);
        let before = object.get(NOTE).and_then(Value::as_str);
        let notes: Vec<&str> = before.into_iter().chain(note.as_deref()).collect();
        if note.is_some() {
            let notes = notes.join(" ");
            object.insert(NOTE.into(), notes.into());
        }
    }
}

impl Part {
    fn note(&self, name: &str) -> String {
        let range = self.range();
        format!(
            "`{name}` is a part, lines {range}: it cannot be saved as it is, only the whole can."
        )
    }

    fn truncated(&self, name: &str, lines: &Expr) -> Value {
        let hint = format!("`{name}` holds the lines that were asked for");
        let mut truncated = json!({ "bytes": self.rest, "hint": hint });
        if let (Some(next), Some(truncated)) = (self.next, truncated.as_object_mut()) {
            let next = json!({ argument(lines): next.to_string() });
            truncated.insert("next".into(), next);
        }
        truncated
    }
}

fn large_note(name: &str, bytes: usize, lines: &Expr) -> String {
    let (tokens, argument) = (bytes / BYTES_OF_A_TOKEN, argument(lines));
    format!(
        "`{name}` has about {tokens} tokens, more than some clients pass on; if it does not arrive whole, ask for a part with `{argument}`, such as \"1-500\"."
    )
}

/// The number of the first line that `make` shows.
pub(super) fn first_line(bindings: &Bindings<'_>, make: &Make, row: &Value) -> usize {
    let Make::Whole {
        at,
        lines: Some((lines, _)),
        ..
    } = make
    else {
        return 1;
    };
    let part = of(bindings, at, lines, row).ok().flatten();
    part.map_or(1, |part| part.first)
}

/// The name of the argument that asks for lines.
fn argument(lines: &Expr) -> &str {
    match lines {
        Expr::Argument(name) => name,
        _ => "lines",
    }
}
