//! The warnings of validation: deprecations and renamed types.

use super::class::{self, Class, Kind};
use crate::{plugin, settings::Dialect, yaml::Node};

/// The paths of deprecated properties and types in a flow.
pub(super) fn deprecated(flow: &Node, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    object(flow, &class::FLOW, "", dialect, &mut found);
    found
}

fn object(node: &Node, class: &Class, path: &str, dialect: Dialect, found: &mut Vec<String>) {
    for (key, value) in node.entries().iter().filter(|(_, value)| !value.is_null()) {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let property = class.properties(dialect).find(|known| known.name == key);
        let Some(property) = property else {
            continue;
        };
        if property.deprecated {
            found.push(path.clone());
        }
        value_of(value, property.kind, &path, dialect, found);
    }
}

fn value_of(node: &Node, kind: Kind, path: &str, dialect: Dialect, found: &mut Vec<String>) {
    let named = node
        .get("type")
        .and_then(Node::non_null_text)
        .unwrap_or_default();
    match kind {
        Kind::Object(class) => object(node, class, path, dialect, found),
        Kind::List(of) => {
            for (at, item) in node.items().iter().enumerate() {
                value_of(item, *of, &format!("{path}[{at}]"), dialect, found);
            }
        }
        Kind::Input => {
            if class::is_deprecated_input(named) {
                found.push(path.to_owned());
            }
            if let Some(class) = class::input(named, dialect) {
                object(node, class, path, dialect, found);
            }
        }
        Kind::Plugin(_) => {
            if plugin::is_deprecated(named, dialect) {
                found.push(path.to_owned());
            }
            let name = plugin::resolve(named, dialect).unwrap_or_default();
            if let Some(class) = class::plugin(&name) {
                object(node, class, path, dialect, found);
            }
        }
        _ => {}
    }
}

/// Renamed types that are used anywhere in a flow, with their new names.
pub(super) fn replaced(node: &Node, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    for (_, value) in node.entries() {
        let word = value.non_null_text().unwrap_or_default();
        if let Some(new) = plugin::replacement(word, dialect) {
            found.push(format!("{word} is replaced by {new}"));
        }
        found.extend(replaced(value, dialect));
        let items = value.items().iter();
        found.extend(items.flat_map(|item| replaced(item, dialect)));
    }
    found
}

/// The flows that top-level subflow tasks start, unless an expression names them.
pub(super) fn started(flow: &Node, dialect: Dialect) -> Vec<(String, String)> {
    let tasks = flow.get("tasks").map_or(&[][..], Node::items).iter();
    tasks
        .filter(|task| {
            let kind = task
                .get("type")
                .and_then(Node::non_null_text)
                .unwrap_or_default();
            plugin::resolve(kind, dialect).is_some_and(|kind| kind.ends_with(".flow.Subflow"))
        })
        .filter_map(|task| {
            let of = |key: &str| task.get(key).and_then(Node::resolved_text);
            Some((of("namespace")?, of("flowId")?))
        })
        .filter(|(namespace, id)| ![namespace, id].iter().any(|text| text.contains("{{")))
        .collect()
}
