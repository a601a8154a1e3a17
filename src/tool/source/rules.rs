//! The rules of a source, checked event by event.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::event::{self, Event, Marked, Place, Style};
use super::limits::{DEEP, DEPTH, NAMES, NODES};
use super::open::{Open, Role, Shape};
use super::outline::Outline;
use super::plain;
use super::refusal::Refusal;
use super::unseen::Read;
use crate::tool::fault::{FAULTS, Fault, Faults};

/// The fault of an unquoted expression.
const QUOTES: &str =
    "quotes round the expression: `\"{{ … }}\"`; without them `{` begins a mapping";
const SHAPE: &str = "a mapping with `id` and `namespace`";

/// The texts at the top of `source`, when it keeps every rule.
pub(super) fn check(source: &str) -> Result<Outline, Refusal> {
    let mut reader = Reader::default();
    let broken = event::read(source, |event, start, end| {
        if let Event::Scalar {
            style: Style::Quoted,
            ..
        } = event
        {
            reader.quoted.push((start.index, end.index));
        }
        reader.event(event, start);
        !reader.stop
    });
    let until = broken.as_ref().err().map(|broken| broken.place.index);
    let read = Read {
        until: until.unwrap_or(usize::MAX),
        quoted: std::mem::take(&mut reader.quoted),
        mark: reader.mark,
    };
    read.unseen(source, |place, expected| {
        reader.fault(Some(place), expected);
    });
    if let Err(broken) = broken
        && reader.faults.is_empty()
    {
        let Place { line, column, .. } = broken.place;
        let expression = source
            .lines()
            .nth(line.saturating_sub(1))
            .is_some_and(opens_expression);
        let hint = if expression {
            ". Put quotes round the expression"
        } else {
            ""
        };
        return Err(Refusal::Syntax {
            message: format!("{}{hint}", broken.message),
            line,
            column,
        });
    }
    if reader.documents == 0 {
        reader.fault(
            None,
            "one YAML document, a mapping with `id` and `namespace`",
        );
    }
    if reader.faults.is_empty() {
        Ok(Outline {
            names: Value::Object(reader.top),
            warnings: reader.warnings,
            head: reader.mark.filter(|mark| *mark > 0),
        })
    } else {
        Err(Refusal::Rules(reader.faults.into_vec()))
    }
}

/// Whether a value of `line` begins with an expression, or a statement, of a template.
fn opens_expression(line: &str) -> bool {
    [": {{", ": {%", "- {{", "- {%"]
        .iter()
        .any(|open| line.contains(open))
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    documents: usize,
    /// Characters before the mark of the document.
    mark: Option<usize>,
    /// Names of anchors.
    named: BTreeSet<String>,
    top: Map<String, Value>,
    /// How many nodes an anchor stands for, by its name.
    anchors: BTreeMap<String, usize>,
    nodes: usize,
    /// Where texts between quotes begin and end.
    quoted: Vec<(usize, usize)>,
    faults: Faults,
    warnings: Vec<String>,
    stop: bool,
}

impl Reader {
    fn fault(&mut self, at: Option<Place>, expected: &str) {
        let place = at.map(|at| format!("line {}, column {}: ", at.line, at.column));
        self.faults.push(Fault::new(
            "source",
            format!("{}{expected}", place.unwrap_or_default()),
        ));
    }

    fn event(&mut self, event: Event, at: Place) {
        match event {
            Event::Document { marked, directed } => {
                self.documents += 1;
                if directed {
                    self.fault(Some(at), "no directives (`%YAML`, `%TAG`)");
                }
                if self.documents == 1 {
                    self.mark = marked.then_some(at.index);
                }
                if self.documents > 1 {
                    let expected = "one document; Kestra would drop the others without a word";
                    self.fault(Some(at), expected);
                    self.stop = true;
                }
            }
            Event::Alias(name) => self.alias(&name, at),
            Event::Scalar {
                text,
                style,
                marked,
            } => {
                self.count(1, at);
                self.scalar(&text, style, &marked, at);
                if let Some(anchor) = marked.anchor {
                    self.anchors.insert(anchor, 1);
                }
            }
            Event::Mapping(marked) => {
                let shape = Shape::Mapping {
                    keys: BTreeSet::new(),
                    key: None,
                };
                self.start(shape, marked, at);
            }
            Event::List(marked) => self.start(Shape::List, marked, at),
            Event::End => self.end(),
        }
    }

    /// The key whose value comes next, where a key was read.
    fn key(&self) -> Option<&str> {
        match self.open.last() {
            Some(Open {
                shape: Shape::Mapping { key, .. },
                ..
            }) => key.as_deref(),
            _ => None,
        }
    }

    /// Whether a key comes next.
    fn wants_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                shape: Shape::Mapping { key: None, .. },
                ..
            })
        )
    }

    /// Whether what comes next names something to Kestra.
    fn names(&self) -> bool {
        let role = self.open.last().map_or(Role::Data, |open| open.role);
        self.key().is_some_and(|key| match role {
            Role::Root => key == "type" || NAMES.contains(&key),
            Role::Item => key == "type" || key == "id",
            Role::Section | Role::Data => false,
        })
    }

    fn tags(&mut self, marked: &Marked, at: Place) {
        if marked.tagged {
            self.fault(Some(at), "the text without a tag (`!name`)");
        }
        if let Some(anchor) = &marked.anchor
            && !self.named.insert(anchor.clone())
        {
            self.fault(Some(at), "each anchor (`&name`) once");
        }
        if marked.anchor.is_some() && (self.wants_key() || self.names() || self.open.is_empty()) {
            self.fault(Some(at), "the text itself, without an anchor (`&name`)");
        }
    }

    fn alias(&mut self, name: &str, at: Place) {
        if self.wants_key() || self.names() || self.open.is_empty() {
            self.fault(Some(at), "the text itself in place of an alias (`*name`)");
        } else if let Some(nodes) = self.anchors.get(name).copied() {
            self.count(nodes, at);
        } else {
            self.fault(
                Some(at),
                "an alias of an anchor that stands, whole, before it",
            );
        }
        if self.wants_key() {
            self.named(String::new());
        } else {
            self.value(None);
        }
    }

    fn count(&mut self, nodes: usize, at: Place) {
        self.nodes = self.nodes.saturating_add(nodes);
        // Without an alias the bytes of a source are the bound.
        if self.nodes > NODES && !self.anchors.is_empty() {
            let expected = format!("at most {NODES} nodes where aliases repeat some");
            self.fault(Some(at), &expected);
            self.stop = true;
        }
    }

    fn start(&mut self, shape: Shape, marked: Marked, at: Place) {
        self.tags(&marked, at);
        self.count(1, at);
        if self.open.is_empty() && matches!(shape, Shape::List) {
            self.fault(Some(at), SHAPE);
        }
        if self.wants_key() {
            let adjacent = self
                .open
                .last()
                .is_some_and(|open| open.index + 1 == at.index);
            let expected = if adjacent {
                QUOTES
            } else {
                "a plain text as key"
            };
            self.fault(Some(at), expected);
        }
        let around = self.open.last().map(|open| open.role);
        let role = Role::within(around, self.key(), matches!(shape, Shape::List));
        self.open.push(Open {
            role,
            anchor: marked.anchor.map(|name| (name, self.nodes - 1)),
            shape,
            index: at.index,
        });
        if self.open.len() > DEPTH {
            self.fault(Some(at), DEEP);
            self.stop = true;
        }
    }

    fn end(&mut self) {
        if let Some(Open {
            anchor: Some((name, before)),
            ..
        }) = self.open.pop()
        {
            self.anchors.insert(name, self.nodes - before);
        }
        if self.wants_key() {
            self.named(String::new());
        } else {
            self.value(None);
        }
    }

    fn scalar(&mut self, text: &str, style: Style, marked: &Marked, at: Place) {
        self.tags(marked, at);
        if self.open.is_empty() {
            self.fault(Some(at), SHAPE);
        }
        if self.wants_key() {
            if style == Style::Block {
                self.fault(Some(at), "a plain text as key");
            }
            if text == "<<" && style == Style::Plain {
                let expected = "the keys themselves; merge keys (`<<`) are not taken";
                self.fault(Some(at), expected);
            } else if !self.named(text.to_owned()) {
                let expected = format!("each key once; `{}` stands here again", shown(text));
                self.fault(Some(at), &expected);
            }
            if self.wants_key() {
                self.named(text.to_owned());
            }
            return;
        }
        if self.names() && style == Style::Plain {
            self.plain(text, at);
        }
        self.value(Some(text));
    }

    /// A name that stands without quotes.
    fn plain(&mut self, text: &str, at: Place) {
        let role = self.open.last().map_or(Role::Data, |open| open.role);
        let key = self.key().unwrap_or_default();
        let read = match plain::changed(text) {
            Some(read) => read,
            // Kestra cannot take a namespace that is not a text.
            None if key == "namespace" && !plain::is_text(text) => "no text".into(),
            None => return,
        };
        let write = format!("write `{key}: \"{}\"`", shown(text));
        if role == Role::Item && key == "id" {
            let warning = format!(
                "line {}: Kestra reads this id as `{read}` in places; {write} to keep it.",
                at.line
            );
            if self.warnings.len() < FAULTS {
                self.warnings.push(warning);
            }
        } else {
            let expected = format!(
                "quotes round the {key}, which Kestra reads as `{read}` in places: {write}"
            );
            self.fault(Some(at), &expected);
        }
    }

    /// A key was read; false when it was there before.
    fn named(&mut self, text: String) -> bool {
        let Some(Open {
            shape: Shape::Mapping { keys, key },
            ..
        }) = self.open.last_mut()
        else {
            return true;
        };
        *key = Some(text.clone());
        keys.insert(text)
    }

    /// A value was read: the next scalar of the mapping is a key again.
    fn value(&mut self, text: Option<&str>) {
        let Some(Open {
            role,
            shape: Shape::Mapping { key, .. },
            ..
        }) = self.open.last_mut()
        else {
            return;
        };
        if let (Some(key), Role::Root) = (key.take(), *role) {
            self.top.insert(key, text.into());
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
