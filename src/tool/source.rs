//! YAML sources: the rules that keep a source from meaning one thing here and another to Kestra.

mod event;
mod limits;
mod name;
mod open;
mod outline;
mod plain;
mod refusal;
mod rules;
mod second;
mod unseen;
mod write;

use serde_json::Value;
use vocabulary::Kind;

use super::Call;
use super::fault::Fault;
use limits::{BYTE_ORDER_MARK, MARKER, ORIGINAL};

pub use limits::BYTES;
pub use name::misnamed;
pub use outline::Outline;
pub use refusal::Refusal;
pub use write::{unfit, write};

/// Reads `source` by the grammar of Kestra's parser, and checks every rule: one document, a
/// mapping; no duplicate keys, merge keys, explicit tags or line breaks that few readers know;
/// anchors and aliases only where they name nothing; `id`, `namespace` and `type` that Kestra reads
/// as they are written.
///
/// # Errors
/// See [`Refusal`].
pub fn read(source: &str) -> Result<Outline, Refusal> {
    let mut faults = Vec::new();
    if source.len() > BYTES {
        faults.push(Fault::new("source", "a source of at most 256 KiB"));
    }
    if source.contains(MARKER) {
        faults.push(Fault::new("source", ORIGINAL));
    }
    if !faults.is_empty() {
        return Err(Refusal::Rules(faults));
    }
    rules::check(without_mark(source))
}

/// `source` without the byte order mark that some editors put before it.
pub fn without_mark(source: &str) -> &str {
    source.strip_prefix(BYTE_ORDER_MARK).unwrap_or(source)
}

/// [`read`] before anything is sent. A source that is not YAML gives `None`: Kestra reports that in its own words.
///
/// With `names`, nobody else says how they read it: these texts must be there and fit, and a second
/// reader, of another descent, must find the same texts in the same order.
///
/// # Errors
/// What is against the rules.
pub fn examine(source: &str, names: &[String]) -> Result<Option<Outline>, Vec<Fault>> {
    let fault = |expected: String| Fault::new("source", expected);
    let document = match read(source) {
        Ok(document) => document,
        Err(Refusal::Syntax { .. }) if names.is_empty() => return Ok(None),
        Err(refusal) => return Err(refusal.into_faults()),
    };
    let text = |name: &str| document.names.get(name).and_then(Value::as_str);
    let misnamed = names.iter().filter_map(|name| misnamed(name, text(name)));
    let mut faults: Vec<Fault> = misnamed.map(fault).collect();
    if let (false, Some(line)) = (names.is_empty(), second::differs(without_mark(source))) {
        faults.push(fault(format!(
            "line {line}: YAML that is read in one way; two readers of YAML differ here"
        )));
    }
    if faults.is_empty() {
        Ok(Some(document))
    } else {
        Err(faults)
    }
}

/// The texts that name the document which `call` gives: null without one.
pub fn named(call: &Call) -> Value {
    let given = call.tool.arguments.iter().find_map(|argument| {
        let value = call.arguments.get(argument.name)?;
        match (&argument.format.kind, value) {
            (Kind::Yaml(_), Value::String(source)) => read(source).ok().map(|read| read.names),
            (Kind::Document(_), object @ Value::Object(_)) => Some(object.clone()),
            _ => None,
        }
    });
    given.unwrap_or_default()
}

#[cfg(test)]
mod tests;
