//! What an item says of itself: its name, its attributes, and the paths of a `use`.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Item, Meta, UseTree};

/// One path of a `use`.
pub(crate) struct Leaf {
    pub(crate) path: Vec<String>,
    /// The name that it brings into the module, and none of a glob.
    pub(crate) name: Option<String>,
}

pub(crate) fn leaves(tree: &UseTree, before: &mut Vec<String>) -> Vec<Leaf> {
    let mut found = Vec::new();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            found = leaves(&path.tree, before);
            before.pop();
        }
        UseTree::Group(group) => {
            for item in &group.items {
                found.extend(leaves(item, before));
            }
        }
        UseTree::Glob(_) => found.push(Leaf {
            path: before.clone(),
            name: None,
        }),
        UseTree::Name(name) => found.push(leaf(before, &name.ident, &name.ident)),
        UseTree::Rename(rename) => found.push(leaf(before, &rename.ident, &rename.rename)),
    }
    found
}

fn leaf(before: &[String], last: &syn::Ident, name: &syn::Ident) -> Leaf {
    let mut path = before.to_vec();
    if last != "self" {
        path.push(last.to_string());
    }
    let name = if name == "self" {
        path.last().cloned().unwrap_or_default()
    } else {
        name.to_string()
    };
    Leaf {
        path,
        name: Some(name),
    }
}

/// Whether they say `#[test]` or `#[cfg(test)]`, with or without other conditions.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => says_test(list.tokens.clone()),
        other => other
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test"),
    })
}

fn says_test(tokens: TokenStream) -> bool {
    let mut negated = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            negated = word == "not";
            word == "test"
        }
        TokenTree::Group(group) => !std::mem::take(&mut negated) && says_test(group.stream()),
        _ => false,
    })
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines.
pub(crate) fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
