//! Checks that a source can be deserialized into a flow, with Jackson's messages.

use super::{
    Invalid,
    class::{self, Class, Kind},
    jackson::{cannot_construct, cannot_deserialize, cast, java_type},
};
use crate::{
    plugin,
    settings::Dialect,
    yaml::{Content, DuplicateKeys, Node, PathStep, YamlError, first_document, parsing_error},
};

/// A deserialization.
struct Reader {
    dialect: Dialect,
    /// The name of the class in messages.
    what: &'static str,
    /// Whether it reads the text itself, which has locations; a map has none.
    has_locations: bool,
}

/// The first step of a save: deserializes the text into a flow whose tasks and triggers can be
/// anything.
pub(super) fn generic(source: &str, dialect: Dialect) -> Result<(), Invalid> {
    let reader = Reader {
        dialect,
        what: "genericflow",
        has_locations: true,
    };
    let root = &class::GENERIC;
    let node = first_document(source, DuplicateKeys::Refused)
        .map_err(|fault| reader.fault(&fault, &chain(root, &fault.chain, dialect)))?;
    let node = node.ok_or_else(|| reader.empty())?;
    match node.content {
        Content::Map(_) => reader.object(&node, root, root.name),
        _ => Err(reader.no_object(&node, root.name)),
    }
}

/// Deserializes the source into a map: the beginning of validation, and of the second step of a
/// save.
pub(super) fn map(source: &str) -> Result<Node, Invalid> {
    let reader = Reader {
        dialect: Dialect::V1_3,
        what: "Flow",
        has_locations: true,
    };
    let node = first_document(source, DuplicateKeys::LastWins)
        .map_err(|fault| reader.fault(&fault, ""))?;
    let node = node.ok_or_else(|| reader.empty())?;
    match node.content {
        Content::Map(_) => Ok(node),
        _ => Err(reader.no_map(&node)),
    }
}

/// The second step of a save: deserializes the map into a flow.
pub(super) fn flow(node: &Node, dialect: Dialect) -> Result<(), Invalid> {
    for (key, class) in [("namespace", "String"), ("revision", "Integer")] {
        cast(node.get(key), class)?;
    }
    let reader = Reader {
        dialect,
        what: "flowwithsource",
        has_locations: false,
    };
    reader.object(node, &class::FLOW, class::FLOW.name)
}

/// Deserializes a single task or trigger.
pub(super) fn part(node: &Node, is_trigger: bool, dialect: Dialect) -> Result<(), Invalid> {
    let (what, kind) = if is_trigger {
        ("trigger", class::TRIGGER)
    } else {
        ("task", class::TASK)
    };
    let reader = Reader {
        dialect,
        what,
        has_locations: false,
    };
    reader.read(node, kind, "")
}

impl Reader {
    fn fault(&self, fault: &YamlError, chain: &str) -> Invalid {
        Invalid::Source {
            what: self.what,
            text: fault.text(chain),
        }
    }

    /// A value of the wrong type.
    fn mismatch(&self, node: &Node, message: &str, path: &str) -> Invalid {
        let location = self.has_locations.then_some(node.location);
        Invalid::Source {
            what: self.what,
            text: parsing_error(message, location, path),
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

    /// A value that is not a mapping.
    fn no_object(&self, node: &Node, class: &str) -> Invalid {
        self.mismatch(node, &cannot_construct(node, class), "")
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
                _ => Err(self.mismatch(node, &cannot_deserialize(node, "java.lang.String"), path)),
            },
            Kind::Boolean => self.scalar(node, "boolean", path, |text| {
                matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
            }),
            Kind::Number => self.scalar(node, "java.lang.Integer", path, |text| {
                text.trim().parse::<i32>().is_ok()
            }),
            Kind::Enum(choice) => match node.text() {
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
                None => Err(self.mismatch(node, &cannot_deserialize(node, choice.name), path)),
            },
            Kind::Object(class) => match node.content {
                Content::Map(_) => self.object(node, class, &format!("{path}->{}", class.name)),
                _ => Err(self.mismatch(node, &cannot_construct(node, class.name), path)),
            },
            Kind::List(of) => {
                let Content::Seq(items) = &node.content else {
                    let list = format!("java.util.ArrayList<{}>", java_type(of));
                    return Err(self.mismatch(node, &cannot_deserialize(node, &list), path));
                };
                items.iter().enumerate().try_for_each(|(at, item)| {
                    self.read(item, *of, &format!("{path}->java.util.ArrayList[{at}]"))
                })
            }
            Kind::Map(of) => node.entries().iter().try_for_each(|(key, node)| {
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
            return Err(self.mismatch(node, &cannot_deserialize(node, class), path));
        };
        // A plain scalar may have been resolved to the right type already.
        let read = node.resolved_text().unwrap_or_default();
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

    /// Checks an object; `path` ends with its class.
    fn object(&self, node: &Node, class: &Class, path: &str) -> Result<(), Invalid> {
        node.entries().iter().try_for_each(|(key, node)| {
            let path = format!("{path}[\"{key}\"]");
            if let Some(kind) = class.kind(key, self.dialect) {
                return self.read(node, kind, &path);
            }
            let known: Vec<&str> = class.properties(self.dialect).map(|p| p.name).collect();
            Err(Invalid::unknown_property(key, class.name, &path, &known))
        })
    }

    fn input(&self, node: &Node, path: &str) -> Result<(), Invalid> {
        const INPUT: &str = "io.kestra.core.models.flows.Input<java.lang.Object>";
        let Content::Map(_) = node.content else {
            return Err(self.mismatch(node, &cannot_construct(node, INPUT), path));
        };
        let kind = node
            .get("type")
            .and_then(|kind| Some((kind, kind.non_null_text()?)));
        let Some((location, kind)) = kind else {
            let long = format!(
                "Could not resolve subtype of [simple type, class {INPUT}]: missing type id \
                 property 'type'"
            );
            return Err(Invalid::unknown_type(
                "null",
                self.with_location(node, &long, path),
                path,
            ));
        };
        let Some(class) = class::input(kind, self.dialect) else {
            let long = format!(
                "Could not resolve type id '{kind}' as a subtype of `{INPUT}`: known type ids = \
                 [{}] (for POJO property 'inputs')",
                class::input_types(self.dialect).join(", ")
            );
            return Err(Invalid::unknown_type(
                kind,
                self.with_location(location, &long, path),
                path,
            ));
        };
        self.object(node, class, &format!("{path}->{}", class.name))
    }

    fn plugin(&self, node: &Node, of: &str, path: &str) -> Result<(), Invalid> {
        if !matches!(node.content, Content::Map(_)) && !node.is_null() {
            return Err(self.mismatch(node, &cannot_construct(node, of), path));
        }
        let kind = node
            .get("type")
            .and_then(Node::non_null_text)
            .unwrap_or("<null>");
        let Some(name) = plugin::resolve(kind, self.dialect) else {
            let long = format!(
                "Could not resolve type id '{kind}' as a subtype of `io.kestra.core.models.Plugin`: \
                 No plugin registered for the defined type: '{kind}'"
            );
            return Err(Invalid::unknown_type(
                kind,
                self.with_location(node, &long, path),
                path,
            ));
        };
        match class::plugin(&name) {
            Some(class) if path.is_empty() => self.object(node, class, &name),
            Some(class) => self.object(node, class, &format!("{path}->{name}")),
            None => Ok(()),
        }
    }

    /// A message with its location.
    fn with_location(&self, node: &Node, message: &str, path: &str) -> String {
        let location = if self.has_locations {
            let (line, column) = (node.location.line, node.location.column);
            format!("(StringReader); line: {line}, column: {column}")
        } else {
            "UNKNOWN; byte offset: #UNKNOWN".to_owned()
        };
        format!("{message}\n at [Source: {location}] (through reference chain: {path})")
    }
}

/// The reference chain of the value that was being read.
fn chain(root: &'static Class, steps: &[PathStep], dialect: Dialect) -> String {
    let mut text = String::new();
    let mut kind = Kind::Object(root);
    for step in steps {
        let (location, next) = match (step, kind) {
            (PathStep::Key(key), Kind::Object(class)) => {
                let next = class.kind(key, dialect).unwrap_or(Kind::Any);
                (format!("{}[\"{key}\"]", class.name), next)
            }
            (PathStep::Item(at), Kind::List(of)) => (format!("java.util.ArrayList[{at}]"), *of),
            // Inside of values of any type, Jackson tracks no references.
            _ => break,
        };
        if !text.is_empty() {
            text.push_str("->");
        }
        text.push_str(&location);
        kind = next;
    }
    text
}
