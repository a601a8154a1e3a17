//! Whether a source has the shape of a flow: what Jackson says while it reads one.

use super::{
    Invalid,
    class::{self, Class, Kind},
    jackson::{cast, name, token_of, unfit},
};
use crate::{
    plugin,
    settings::Dialect,
    yaml::{Content, Duplicates, Fault, Node, Step, first_document, parsing_error},
};

/// What reads, and what it tells of places.
struct Reader {
    dialect: Dialect,
    /// What is to be read, as the message names it.
    what: &'static str,
    /// Whether the text itself is read, which has places. A map has none.
    placed: bool,
}

/// The first step of a save: the text is read into a flow whose tasks and triggers may be anything.
pub(super) fn generic(source: &str, dialect: Dialect) -> Result<(), Invalid> {
    let reader = Reader {
        dialect,
        what: "genericflow",
        placed: true,
    };
    let root = &class::GENERIC;
    let node = first_document(source, Duplicates::Refused)
        .map_err(|fault| reader.fault(&fault, &chain(root, &fault.chain, dialect)))?;
    let node = node.ok_or_else(|| reader.empty())?;
    match node.content {
        Content::Map(_) => reader.one(&node, root, root.name),
        _ => Err(reader.no_object(&node, root.name)),
    }
}

/// The source as a map, which is what validation and the second step of a save begin with.
pub(super) fn map(source: &str) -> Result<Node, Invalid> {
    let reader = Reader {
        dialect: Dialect::V1_3,
        what: "Flow",
        placed: true,
    };
    let node =
        first_document(source, Duplicates::LastCounts).map_err(|fault| reader.fault(&fault, ""))?;
    let node = node.ok_or_else(|| reader.empty())?;
    match node.content {
        Content::Map(_) => Ok(node),
        _ => Err(reader.no_map(&node)),
    }
}

/// The second step: the map is read into a flow.
pub(super) fn flow(node: &Node, dialect: Dialect) -> Result<(), Invalid> {
    for (key, class) in [("namespace", "String"), ("revision", "Integer")] {
        cast(node.get(key), class)?;
    }
    let reader = Reader {
        dialect,
        what: "flowwithsource",
        placed: false,
    };
    reader.one(node, &class::FLOW, class::FLOW.name)
}

/// A task or a trigger alone.
pub(super) fn part(node: &Node, is_trigger: bool, dialect: Dialect) -> Result<(), Invalid> {
    let (what, kind) = if is_trigger {
        ("trigger", class::TRIGGER)
    } else {
        ("task", class::TASK)
    };
    let reader = Reader {
        dialect,
        what,
        placed: false,
    };
    reader.read(node, kind, "")
}

impl Reader {
    fn fault(&self, fault: &Fault, chain: &str) -> Invalid {
        Invalid::Source {
            what: self.what,
            text: fault.text(chain),
        }
    }

    /// A value that does not fit.
    fn mismatch(&self, node: &Node, message: &str, path: &str) -> Invalid {
        let place = self.placed.then_some(node.place);
        Invalid::Source {
            what: self.what,
            text: parsing_error(message, place, path),
        }
    }

    fn empty(&self) -> Invalid {
        let text = "YAML parsing error: No content to map due to end-of-input\n at [Source: \
                    (StringReader); line: 1, column: 1] (at line 1)";
        Invalid::Source {
            what: self.what,
            text: text.to_owned(),
        }
    }

    fn no_map(&self, node: &Node) -> Invalid {
        match &node.content {
            Content::Scalar { .. } => self.no_object(node, "java.util.LinkedHashMap"),
            _ => self.no_object(
                node,
                "java.util.LinkedHashMap<java.lang.String,java.lang.Object>",
            ),
        }
    }

    /// What is no mapping where a flow is to be.
    fn no_object(&self, node: &Node, class: &str) -> Invalid {
        self.mismatch(node, &unfit(node, class), "")
    }

    fn read(&self, node: &Node, kind: Kind, path: &str) -> Result<(), Invalid> {
        if node.is_null() {
            return match kind {
                Kind::Plugin(of) => self.plugin(node, of, path),
                _ => Ok(()),
            };
        }
        match kind {
            Kind::Any => Ok(()),
            Kind::Text => match node.content {
                Content::Scalar { .. } => Ok(()),
                _ => Err(self.mismatch(node, &token_of(node, "java.lang.String"), path)),
            },
            Kind::Flag => self.scalar(node, "boolean", path, |text| {
                matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
            }),
            Kind::Number => self.scalar(node, "java.lang.Integer", path, |text| {
                text.trim().parse::<i32>().is_ok()
            }),
            Kind::Choice(choice) => match node.text() {
                Some(text) if choice.words.contains(&text) => Ok(()),
                Some(text) => {
                    let message = format!(
                        "Cannot deserialize value of type `{}` from String \"{text}\": not one of \
                         the values accepted for Enum class: [{}]",
                        choice.name,
                        choice.words.join(", ")
                    );
                    Err(self.mismatch(node, &message, path))
                }
                None => Err(self.mismatch(node, &token_of(node, choice.name), path)),
            },
            Kind::One(class) => match node.content {
                Content::Map(_) => self.one(node, class, &format!("{path}->{}", class.name)),
                _ => Err(self.mismatch(node, &unfit(node, class.name), path)),
            },
            Kind::Many(of) => {
                let Content::Seq(items) = &node.content else {
                    let list = format!("java.util.ArrayList<{}>", name(of));
                    return Err(self.mismatch(node, &token_of(node, &list), path));
                };
                items.iter().enumerate().try_for_each(|(at, item)| {
                    self.read(item, *of, &format!("{path}->java.util.ArrayList[{at}]"))
                })
            }
            Kind::Named(of) => node.pairs().iter().try_for_each(|(key, node)| {
                let path = format!("{path}->java.util.LinkedHashMap[\"{key}\"]");
                self.read(node, *of, &path)
            }),
            Kind::Input => self.input(node, path),
            Kind::Plugin(of) => self.plugin(node, of, path),
        }
    }

    fn scalar(
        &self,
        node: &Node,
        class: &str,
        path: &str,
        good: impl Fn(&str) -> bool,
    ) -> Result<(), Invalid> {
        let Some(text) = node.text() else {
            return Err(self.mismatch(node, &token_of(node, class), path));
        };
        // A plain scalar that reads as a value of the class is one already.
        let read = node.read_text().unwrap_or_default();
        if good(text) || good(&read) {
            return Ok(());
        }
        let wanted = if class == "boolean" {
            "only \"true\"/\"True\"/\"TRUE\" or \"false\"/\"False\"/\"FALSE\" recognized".to_owned()
        } else {
            format!("not a valid `{class}` value")
        };
        let message =
            format!("Cannot deserialize value of type `{class}` from String \"{text}\": {wanted}");
        Err(self.mismatch(node, &message, path))
    }

    /// An object; `path` ends with its class.
    fn one(&self, node: &Node, class: &Class, path: &str) -> Result<(), Invalid> {
        node.pairs().iter().try_for_each(|(key, node)| {
            let path = format!("{path}[\"{key}\"]");
            if let Some(kind) = class.kind(key, self.dialect) {
                return self.read(node, kind, &path);
            }
            let known: Vec<&str> = class.properties(self.dialect).map(|p| p.name).collect();
            Err(Invalid::property(key, class.name, &path, &known))
        })
    }

    fn input(&self, node: &Node, path: &str) -> Result<(), Invalid> {
        const INPUT: &str = "io.kestra.core.models.flows.Input<java.lang.Object>";
        let Content::Map(_) = node.content else {
            return Err(self.mismatch(node, &unfit(node, INPUT), path));
        };
        let kind = node.get("type").and_then(|kind| Some((kind, kind.word()?)));
        let Some((place, kind)) = kind else {
            let long = format!(
                "Could not resolve subtype of [simple type, class {INPUT}]: missing type id \
                 property 'type'"
            );
            return Err(Invalid::kind("null", self.told(node, &long, path), path));
        };
        let Some(class) = class::input(kind, self.dialect) else {
            let long = format!(
                "Could not resolve type id '{kind}' as a subtype of `{INPUT}`: known type ids = \
                 [{}] (for POJO property 'inputs')",
                class::input_types(self.dialect).join(", ")
            );
            return Err(Invalid::kind(kind, self.told(place, &long, path), path));
        };
        self.one(node, class, &format!("{path}->{}", class.name))
    }

    fn plugin(&self, node: &Node, of: &str, path: &str) -> Result<(), Invalid> {
        if !matches!(node.content, Content::Map(_)) && !node.is_null() {
            return Err(self.mismatch(node, &unfit(node, of), path));
        }
        let kind = node.get("type").and_then(Node::word).unwrap_or("<null>");
        let Some(name) = plugin::resolve(kind, self.dialect) else {
            let long = format!(
                "Could not resolve type id '{kind}' as a subtype of `io.kestra.core.models.Plugin`: \
                 No plugin registered for the defined type: '{kind}'"
            );
            return Err(Invalid::kind(kind, self.told(node, &long, path), path));
        };
        match class::plugin(&name) {
            Some(class) if path.is_empty() => self.one(node, class, &name),
            Some(class) => self.one(node, class, &format!("{path}->{name}")),
            None => Ok(()),
        }
    }

    /// A message with where it was.
    fn told(&self, node: &Node, message: &str, path: &str) -> String {
        let place = if self.placed {
            let (line, column) = (node.place.line, node.place.column);
            format!("(StringReader); line: {line}, column: {column}")
        } else {
            "UNKNOWN; byte offset: #UNKNOWN".to_owned()
        };
        format!("{message}\n at [Source: {place}] (through reference chain: {path})")
    }
}

/// The reference chain of what was being read.
fn chain(root: &'static Class, steps: &[Step], dialect: Dialect) -> String {
    let mut text = String::new();
    let mut kind = Kind::One(root);
    for step in steps {
        let (place, next) = match (step, kind) {
            (Step::Key(key), Kind::One(class)) => {
                let next = class.kind(key, dialect).unwrap_or(Kind::Any);
                (format!("{}[\"{key}\"]", class.name), next)
            }
            (Step::Item(at), Kind::Many(of)) => (format!("java.util.ArrayList[{at}]"), *of),
            // Whatever reads anything does not say where it was.
            _ => break,
        };
        if !text.is_empty() {
            text.push_str("->");
        }
        text.push_str(&place);
        kind = next;
    }
    text
}
