//! What a tool is instead where the operator has set something.

use super::{Tool, Words};
use crate::tree::{Faults, Node, Table, Tree, nearest};

/// The settings that can make a tool another, and what the runtime calls them.
pub const SETTINGS: &[(&str, &str)] = &[("token_argument", "TokenArgument")];

/// The tool of `tree` under each setting that it names.
pub(super) fn variants(
    file: &str,
    faults: &Faults,
    tree: &Tree,
    words: &Words<'_>,
) -> Vec<(String, Tool)> {
    let own = Table::new(file, faults, "", tree);
    let name = own.text("name").unwrap_or_else(|| "tool".to_owned());
    let mut variants = Vec::new();
    for (setting, other) in own.entries("under") {
        let differing = Table::new(file, faults, &*name, other);
        if !SETTINGS.iter().any(|(known, _)| known == setting) {
            let near = nearest(setting, SETTINGS.iter().map(|(known, _)| *known));
            differing.fault(other.line, format!("no setting \"{setting}\"{near}"));
            continue;
        }
        // Name and permission are asked for before the setting is.
        for key in ["description", "effect", "hints", "args"] {
            differing.get(key);
        }
        differing.finish();
        let merged = merged(tree, other);
        let tool = Tool::read(Table::new(file, faults, &*name, &merged), words);
        variants.push((setting.clone(), tool));
    }
    variants
}

/// `tool` with what `other` says in its place; arguments come to those that it has.
fn merged(tool: &Tree, other: &Tree) -> Tree {
    let entries = |tree: &Tree| match &tree.node {
        Node::Table(entries) => entries.clone(),
        _ => Vec::new(),
    };
    let mut all = entries(tool);
    all.retain(|(key, _)| key != "under");
    for (key, value) in entries(other) {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) if key == "args" => {
                let node = Node::Table([entries(known), entries(&value)].concat());
                *known = Tree { node, ..value };
            }
            Some((_, known)) => *known = value,
            None => all.push((key, value)),
        }
    }
    Tree {
        line: tool.line,
        node: Node::Table(all),
    }
}
