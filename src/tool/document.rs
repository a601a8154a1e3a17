//! YAML sources: the rules that keep a source from meaning one thing here and another to Kestra.

mod event;
mod name;
mod open;
mod plain;
mod rules;
mod second;
mod unseen;
mod write;

use std::borrow::Cow;

use serde_json::Value;
use vocabulary::Kind;

use super::Call;
use super::error::Error;
use super::fault::Fault;
pub use name::misnamed;
pub use write::{unfit, write};

/// Bytes of a source.
pub const BYTES: usize = 256 << 10;
/// Mappings and lists inside each other.
const DEPTH: usize = 64;
/// Nodes, with what aliases repeat counted as often as they repeat it.
const NODES: usize = 10_000;
/// What is said of more mappings and lists inside each other.
const DEEP: &str = "at most 64 mappings and lists inside each other";
/// What is said of a mark that stands for something else.
const ORIGINAL: &str = "the original text in place of every `[redacted:…]` mark";
/// Keys whose values name things.
const NAMES: [&str; 2] = ["id", "namespace"];
/// Stands in a cleaned copy for what was taken out of it.
const MARKER: &str = "[redacted:";
/// Stands invisibly at the begin of some files.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A source that every rule was checked of.
#[derive(Debug, Default, PartialEq)]
pub struct Document {
    /// Its top-level keys with the texts under them, null where there is none.
    pub names: Value,
    /// What Kestra takes and reads otherwise than one may think.
    pub warnings: Vec<String>,
    /// Characters before the mark that begins it, if there are any.
    head: Option<usize>,
}

impl Document {
    /// `source`, which this was read from, without the mark that begins the document after a head
    /// of comments: Kestra's validation would take them for a document of their own.
    pub fn undivided<'a>(&self, source: &'a str) -> Cow<'a, str> {
        let Some(head) = self.head else {
            return Cow::Borrowed(source);
        };
        let in_mark = |at: usize| (head..head + 3).contains(&at);
        let characters = source.chars().enumerate();
        Cow::Owned(
            characters
                .map(|(at, c)| if in_mark(at) { ' ' } else { c })
                .collect(),
        )
    }
}

/// Why a source is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Rules of this server, each with its place and what to write.
    Rules(Vec<Fault>),
    /// Not YAML; Kestra says it in its own words.
    Syntax {
        /// What the parser says.
        message: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
}

impl Refusal {
    /// Each as what would be right.
    fn into_faults(self) -> Vec<Fault> {
        match self {
            Self::Rules(faults) => faults,
            Self::Syntax {
                message,
                line,
                column,
            } => {
                let expected = format!("YAML; line {line}, column {column}: {message}");
                vec![Fault::new("source", expected)]
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Invalid {
            faults: refusal.into_faults(),
            inputs: false,
        }
    }
}

/// Reads `source` by the grammar of Kestra's parser, and checks every rule: one document, a
/// mapping; no duplicate keys, merge keys, explicit tags or line breaks that few readers know;
/// anchors and aliases only where they name nothing; `id`, `namespace` and `type` that Kestra reads
/// as they are written.
///
/// # Errors
/// See [`Refusal`].
pub fn read(source: &str) -> Result<Document, Refusal> {
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

/// [`read`] before anything is sent. What is not YAML is none: Kestra says that in its own words.
///
/// With `names`, nobody else says how they read it: these texts must be there and fit, and a second
/// reader, of another descent, must find the same texts in the same order.
///
/// # Errors
/// What is against the rules.
pub fn examine(source: &str, names: &[String]) -> Result<Option<Document>, Vec<Fault>> {
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
