//! The answer of Kestra's validation of a source.

use serde_json::Value;

use super::context::CallCtx;
use super::cut;
use super::error::Error;
use super::fault::{FAULTS, and_more};
use super::unusable::Unusable;
use super::verdict::Found;

/// Bytes of one fault's text.
const MESSAGE: usize = 1_000;
/// What Kestra begins its text with.
const HEAD: &str = "Validation error:";

/// The warnings of an answer of the validation: a list with an entry a document.
///
/// # Errors
/// [`Error::Validation`] when Kestra refuses the source, [`Unusable::NoVerdict`] when it says nothing.
pub fn read(answer: &Value, ctx: &CallCtx) -> Result<Vec<String>, Error> {
    let Some(entries) = answer.as_array().filter(|entries| !entries.is_empty()) else {
        return Err(Unusable::NoVerdict.into());
    };
    let clean = |text: &str| cut::text(&cut::clean(text.trim(), &ctx.secrets), MESSAGE).0;
    let (mut faults, mut warnings) = (First::default(), First::default());
    for entry in entries {
        if let Some(text) = entry.get("constraints").and_then(Value::as_str) {
            faults.each(split(text), |text| found(&clean(text)));
        }
        // Newer servers list what `constraints` says in one text.
        if faults.told.is_empty() {
            faults.each(texts(entry, "errors"), |text| found(&clean(text)));
        }
        for key in ["warnings", "infos"] {
            warnings.each(texts(entry, key), clean);
        }
        warnings.each(texts(entry, "deprecationPaths"), |path| {
            clean(&format!("deprecated: {path}"))
        });
    }
    if faults.told.is_empty() {
        return Ok(warnings.and_more(|message| message));
    }
    Err(Error::Validation {
        faults: faults.and_more(|message| Found {
            message,
            ..Found::default()
        }),
        version: ctx
            .version
            .as_deref()
            .unwrap_or("of unknown version")
            .to_owned(),
    })
}

/// The first texts that Kestra gives, and the number of the others.
struct First<T> {
    told: Vec<T>,
    more: usize,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self {
            told: Vec::new(),
            more: 0,
        }
    }
}

impl<T> First<T> {
    fn each<'a>(&mut self, texts: impl Iterator<Item = &'a str>, make: impl Fn(&str) -> T) {
        for text in texts {
            if self.told.len() < FAULTS {
                self.told.push(make(text));
            } else {
                self.more += 1;
            }
        }
    }

    fn and_more(mut self, make: impl Fn(String) -> T) -> Vec<T> {
        if self.more > 0 {
            self.told.push(make(and_more(self.more)));
        }
        self.told
    }
}

/// The texts under `key`; objects give their `message` or `detail`.
fn texts<'a>(entry: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    let items = entry.get(key).and_then(Value::as_array).into_iter();
    items.flatten().filter_map(|item| {
        let inner = item
            .get("message")
            .or_else(|| item.get("detail"))
            .unwrap_or(item);
        inner.as_str()
    })
}

/// One text a fault: Kestra joins them with line breaks, but a fault of the YAML itself is a text
/// of several lines.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim().trim_start_matches(HEAD).trim();
    let whole = text.contains("parsing error") || text.contains("\n at ");
    let (whole, lines) = if whole { (text, "") } else { ("", text) };
    let all = std::iter::once(whole).chain(lines.lines().map(str::trim));
    all.filter(|line| !line.is_empty())
}

fn found(text: &str) -> Found {
    let path = text.split_once(": ").map(|(path, _)| path).filter(|path| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._[]-".contains(c);
        path.chars().all(plain) && path.chars().next().is_some_and(|c| c.is_ascii_lowercase())
    });
    Found {
        message: text.to_owned(),
        path: path.map(str::to_owned),
        line: number_after(text, "line"),
        column: number_after(text, "column"),
    }
}

/// The number in `line: 3` or `line 3`; the last one, which is the innermost place.
fn number_after(text: &str, word: &str) -> Option<u64> {
    let (_, rest) = text
        .rsplit_once(&format!("{word}: "))
        .or_else(|| text.rsplit_once(&format!("{word} ")))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_yaml_has_a_place() {
        let text = "Validation error: Illegal Flow source: YAML parsing error: while parsing a flow node\n in 'reader', line 2, column 9:\n    tasks: [\n            ^\nexpected the node content, but found '<stream end>'\n at [Source: (StringReader); line: 2, column: 9] (at line 2)";
        let faults: Vec<Found> = split(text).map(found).collect();
        assert_eq!(
            (faults.len(), faults[0].line, faults[0].column),
            (1, Some(2), Some(9))
        );
        assert!(faults[0].message.starts_with("Illegal Flow source"));
    }

    #[test]
    fn faults_of_the_object_come_one_by_one_with_their_path() {
        let faults: Vec<Found> =
            split("Validation error: namespace: must not be null\ntasks: must not be empty\n")
                .map(found)
                .collect();
        let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_deref()).collect();
        assert_eq!(paths, [Some("namespace"), Some("tasks")]);
        assert_eq!(found("Invalid type: x.Y").path, None);
    }
}
