//! YAML sources: the rules that keep a source from meaning one thing here and another to Kestra.

mod write;

use std::collections::BTreeSet;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use serde_json::{Map, Value};

use super::error::Fault;
pub use write::{unfit, write};

/// Bytes of a source.
pub const BYTES: usize = 256 << 10;
/// Mappings and lists inside each other.
const DEPTH: usize = 64;
/// What is said of more.
const DEEP: &str = "at most 64 mappings and lists inside each other";
/// What is said of a mark that stands for something else.
const ORIGINAL: &str = "the original text in place of every `[redacted:…]` mark";
/// What the parser says of far more, before it tells of any of them.
const ENDLESS: &str = "recursion limit";
/// Keys whose values name things.
const NAMES: [&str; 2] = ["id", "namespace"];
/// How many characters a name may have, and whether capitals are among them.
const LENGTHS: [(&str, usize, bool); 2] = [("id", 100, true), ("namespace", 150, false)];
/// Stands in a cleaned copy for what was taken out of it.
const MARKER: &str = "[redacted:";

/// Why a source is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Rules of this server, each with its place and what to write.
    Rules(Vec<Fault>),
    /// No YAML; Kestra says it in its own words.
    Syntax {
        /// What the parser says.
        message: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
}

/// The top-level texts of `source`, after every rule was checked: UTF-8 without a byte order mark,
/// one document, a mapping, no duplicate keys, anchors, aliases, merge keys or explicit tags, and
/// `id`, `namespace` and `type` that are texts in YAML 1.1 and 1.2 alike.
///
/// # Errors
/// See [`Refusal`].
pub fn read(source: &str) -> Result<Value, Refusal> {
    let mut reader = Reader::default();
    if source.starts_with('\u{feff}') {
        reader.fault(None, "a source without a byte order mark");
    }
    if source.len() > BYTES {
        reader.fault(None, "a source of at most 256 KiB");
    }
    if source.contains(MARKER) {
        reader.fault(None, ORIGINAL);
    }
    if !reader.faults.is_empty() {
        return Err(Refusal::Rules(reader.faults));
    }
    for event in Parser::new_from_str(source) {
        match event {
            Ok((event, span)) => reader.event(&event, span.start),
            Err(error) if error.info().contains(ENDLESS) => {
                reader.fault(Some(*error.marker()), DEEP);
                break;
            }
            Err(error) if reader.faults.is_empty() => {
                let place = error.marker();
                return Err(Refusal::Syntax {
                    message: error.info().to_owned(),
                    line: place.line(),
                    column: place.col() + 1,
                });
            }
            Err(_) => break,
        }
        if reader.stop {
            break;
        }
    }
    if reader.documents == 0 {
        reader.fault(
            None,
            "one YAML document, a mapping with `id` and `namespace`",
        );
    }
    if reader.faults.is_empty() {
        Ok(Value::Object(reader.top))
    } else {
        Err(Refusal::Rules(reader.faults))
    }
}

/// What the text under the top-level `key`, which becomes a path segment, must be when it is not.
pub fn misnamed(key: &str, text: Option<&str>) -> Option<String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Some(format!("a text under the top-level key `{key}`"));
    };
    let (_, most, capitals) = LENGTHS.into_iter().find(|(name, ..)| *name == key)?;
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || (capitals && c.is_ascii_uppercase())
    };
    let fits = text.len() <= most
        && text.starts_with(plain)
        && text
            .chars()
            .all(|c| plain(c) || matches!(c, '.' | '_' | '-'))
        && !text.contains("..")
        && !text.ends_with('.');
    let letters = if capitals {
        "letters"
    } else {
        "lower-case letters"
    };
    (!fits).then(|| {
        format!(
            "under `{key}` at most {most} {letters}, digits, dots, hyphens or underscores, a letter or digit first, without '..' or a final dot"
        )
    })
}

/// What is being read inside another.
enum Open {
    /// A mapping: its keys, and the key whose value comes next.
    Mapping {
        keys: BTreeSet<String>,
        key: Option<String>,
        odd: Vec<(String, Marker)>,
    },
    /// A list.
    List,
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    documents: usize,
    top: Map<String, Value>,
    faults: Vec<Fault>,
    stop: bool,
}

impl Reader {
    fn fault(&mut self, at: Option<Marker>, expected: &str) {
        let place = at.map(|at| format!("line {}, column {}: ", at.line(), at.col() + 1));
        self.faults.push(Fault::new(
            "source",
            format!("{}{expected}", place.unwrap_or_default()),
        ));
    }

    fn event(&mut self, event: &Event<'_>, at: Marker) {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.fault(
                        Some(at),
                        "one document; Kestra would drop the others without a word",
                    );
                    self.stop = true;
                }
            }
            Event::Alias(_) => {
                self.fault(Some(at), "the text itself; aliases are not taken");
                self.value(None, at);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.node(*anchor, tag.is_some(), at);
                self.scalar(text, *style, at);
            }
            Event::MappingStart(anchor, tag) => {
                self.node(*anchor, tag.is_some(), at);
                self.start(
                    Open::Mapping {
                        keys: BTreeSet::new(),
                        key: None,
                        odd: Vec::new(),
                    },
                    at,
                );
            }
            Event::SequenceStart(anchor, tag) => {
                self.node(*anchor, tag.is_some(), at);
                self.start(Open::List, at);
            }
            Event::MappingEnd | Event::SequenceEnd => self.end(at),
            _ => {}
        }
    }

    /// What no node may have.
    fn node(&mut self, anchor: usize, tagged: bool, at: Marker) {
        if anchor != 0 {
            self.fault(Some(at), "the text without an anchor (`&name`)");
        }
        if tagged {
            self.fault(Some(at), "the text without a tag (`!name`)");
        }
    }

    fn start(&mut self, open: Open, at: Marker) {
        if self.open.is_empty() && matches!(open, Open::List) {
            self.fault(Some(at), "a mapping with `id` and `namespace`");
        }
        let key = self
            .open
            .last()
            .is_some_and(|open| matches!(open, Open::Mapping { key: None, .. }));
        if key {
            self.fault(Some(at), "a plain text as key");
        }
        self.open.push(open);
        if self.open.len() > DEPTH {
            self.fault(Some(at), DEEP);
            self.stop = true;
        }
    }

    fn end(&mut self, at: Marker) {
        if let Some(Open::Mapping { keys, odd, .. }) = self.open.pop() {
            // A task, a trigger, an input: what has both is named by its id. At the top the flow is.
            let named = keys.contains("id") && keys.contains("type");
            let top = self.open.is_empty();
            for (key, place) in odd {
                if top && NAMES.contains(&key.as_str()) || named && (key == "id" || key == "type") {
                    let expected = format!(
                        "quotes round the value of `{key}`: as it stands, YAML may read it as a number, a date, true, false or null"
                    );
                    self.fault(Some(place), &expected);
                }
            }
        }
        self.value(None, at);
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Marker) {
        match self.open.last_mut() {
            None => self.fault(Some(at), "a mapping with `id` and `namespace`"),
            Some(Open::Mapping {
                keys,
                key: key @ None,
                ..
            }) => {
                let merge = text == "<<" && style == ScalarStyle::Plain;
                let twice = !keys.insert(text.to_owned());
                *key = Some(text.to_owned());
                if merge {
                    self.fault(
                        Some(at),
                        "the keys themselves; merge keys (`<<`) are not taken",
                    );
                } else if twice {
                    let expected = format!("each key once; `{}` stands here again", shown(text));
                    self.fault(Some(at), &expected);
                }
            }
            Some(Open::Mapping {
                key: Some(key),
                odd,
                ..
            }) => {
                if style == ScalarStyle::Plain && !is_text(text) {
                    odd.push((key.clone(), at));
                }
                self.value(Some(text), at);
            }
            Some(Open::List) => {}
        }
    }

    /// A value was read: the next scalar of the mapping is a key again.
    fn value(&mut self, text: Option<&str>, _: Marker) {
        let top = self.open.len() == 1;
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut()
            && let Some(key) = key.take()
            && let (true, Some(text)) = (top, text)
        {
            self.top.insert(key, text.into());
        }
    }
}

/// Whether a plain scalar is a text to every reader of YAML 1.1 and 1.2: no number of any base, no
/// date, no truth value in any spelling, not null, not empty.
fn is_text(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    if matches!(
        word.as_str(),
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "=" | "<<"
    ) {
        return false;
    }
    let body = word.trim_start_matches(['+', '-']);
    if matches!(body, ".inf" | ".nan") {
        return false;
    }
    // Numbers, sexagesimals and dates begin with a digit or a dot and hold nothing but these.
    let first = body
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_digit() || c == '.');
    let numeric = body
        .chars()
        .all(|c| c.is_ascii_hexdigit() || "._:+-xotz ".contains(c));
    !(first && numeric)
}

fn shown(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules(source: &str) -> Vec<String> {
        match read(source) {
            Err(Refusal::Rules(faults)) => faults.into_iter().map(|fault| fault.expected).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn gives_the_texts_of_the_top() {
        let top = read("# c\nid:   hello\nnamespace: a.b\nlabels: {id: 5}\ntasks:\n  - id: one\n    type: x.Y\n").expect("a flow");
        assert_eq!(top, json!({ "id": "hello", "namespace": "a.b" }));
        assert_eq!(
            read("id: \"010\"\nnamespace: 'off'\n").expect("texts"),
            json!({ "id": "010", "namespace": "off" })
        );
    }

    #[test]
    fn refuses_what_readers_of_yaml_disagree_on() {
        for value in [
            "no",
            "Off",
            "010",
            "1e3",
            "0x1F",
            "1_000",
            "12:30",
            "2026-01-31",
            ".5",
            "~",
            "null",
            "",
            "Y",
            "-1",
            ".inf",
        ] {
            let found = rules(&format!("id: {value}\nnamespace: a\n"));
            assert_eq!(found.len(), 1, "{value}");
            assert!(
                found[0].starts_with("line 1, column") && found[0].contains("quotes"),
                "{found:?}"
            );
        }
        for value in ["hello", "a1", "v1.2-x", "none", "online", "e3"] {
            assert!(
                read(&format!("id: {value}\nnamespace: a\n")).is_ok(),
                "{value}"
            );
        }
        assert_eq!(
            rules("id: a\nnamespace: b\ntasks:\n  - id: yes\n    type: T\n").len(),
            1
        );
        assert!(read("id: a\nnamespace: b\nvariables:\n  id: 5\n").is_ok());
    }

    #[test]
    fn refuses_what_hides_another_meaning() {
        for (source, word) in [
            ("id: a\nnamespace: b\nnamespace: c\n", "each key once"),
            ("id: a\nnamespace: b\nx: {y: 1, y: 2}\n", "each key once"),
            ("id: &a x\nnamespace: b\n", "anchor"),
            ("id: a\nnamespace: b\nx: *a\n", ""),
            ("id: a\nnamespace: b\n<<: {x: 1}\n", "merge"),
            ("id: !!str a\nnamespace: b\n", "tag"),
            (
                "id: a\nnamespace: b\n---\nid: c\nnamespace: d\n",
                "one document",
            ),
            ("- a\n", "a mapping"),
            ("text\n", "a mapping"),
            ("", "one YAML document"),
            ("\u{feff}id: a\n", "byte order mark"),
            (
                "id: a\nnamespace: b\ndescription: '[redacted:secret]'\n",
                "original text",
            ),
        ] {
            match read(source) {
                Err(Refusal::Rules(faults)) => assert!(
                    faults.iter().any(|fault| fault.expected.contains(word)),
                    "{source}: {faults:?}"
                ),
                // An alias of nothing is no YAML at all.
                Err(Refusal::Syntax { .. }) => assert_eq!(word, "", "{source}"),
                Ok(_) => panic!("{source}"),
            }
        }
    }

    #[test]
    fn names_are_path_segments() {
        for (key, text) in [("id", "A.b-c_9"), ("id", "9"), ("namespace", "a.b-c_9")] {
            assert_eq!(misnamed(key, Some(text)), None, "{text}");
        }
        assert_eq!(misnamed("id", Some(&"a".repeat(100))), None);
        let long = "a".repeat(151);
        for text in [
            "",
            "a/b",
            "a..b",
            "a.",
            "-a",
            "a b",
            "ü",
            "a%2F",
            "a\n",
            long.as_str(),
        ] {
            assert!(misnamed("id", Some(text)).is_some(), "{text:?}");
            assert!(misnamed("namespace", Some(text)).is_some(), "{text:?}");
        }
        assert!(misnamed("namespace", Some("Team")).is_some());
        assert!(misnamed("id", None).is_some());
    }

    #[test]
    fn bounds_size_and_depth() {
        let fits = format!("id: a\nnamespace: b\nx: {}", "y".repeat(BYTES));
        assert!(read(&fits[..BYTES]).is_ok());
        assert_eq!(rules(&fits[..=BYTES]), ["a source of at most 256 KiB"]);
        let deep = |levels: usize| {
            format!(
                "id: a\nnamespace: b\nx: {}{}\n",
                "[".repeat(levels),
                "]".repeat(levels)
            )
        };
        assert!(read(&deep(63)).is_ok());
        assert_eq!(rules(&deep(64)).len(), 1);
        assert!(read(&deep(100_000)).is_err());
    }

    #[test]
    fn says_where_yaml_breaks() {
        let Err(Refusal::Syntax { line, .. }) = read("id: a\nnamespace: b\ntasks: [\n") else {
            panic!()
        };
        assert!(line >= 3);
    }
}
