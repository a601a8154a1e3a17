//! The paths that code names: in `use`, expressions, patterns, types, attributes and macros.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, Macro, Meta, Path, Token, UseTree};

use super::modules::Tests;

#[derive(Debug, PartialEq)]
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    /// Whether it is by `use`.
    pub(crate) import: bool,
    /// Whether the `use` is `pub`, to any extent.
    pub(crate) exported: bool,
}

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

pub(crate) fn of_item(item: &Item, tests: Tests) -> Vec<Use> {
    let mut found = Found {
        tests,
        local: Local::default(),
        uses: Vec::new(),
    };
    found.local.visit_item(item);
    found.visit_item(item);
    found.uses
}

/// The names that an item binds inside itself.
#[derive(Default)]
struct Local {
    variables: BTreeSet<String>,
    items: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Local {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = pattern.ident.to_string();
        if !is_capital(&name) {
            self.variables.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let syn::Stmt::Item(item) = statement {
            self.items.extend(name(item));
        }
        visit::visit_stmt(self, statement);
    }
}

fn is_capital(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

struct Found {
    tests: Tests,
    local: Local,
    uses: Vec<Use>,
}

impl Found {
    fn push(&mut self, path: Vec<String>) {
        let local = self.local.items.contains(&path[0])
            || path.len() == 1 && self.local.variables.contains(&path[0]);
        if !local {
            self.uses.push(Use {
                path,
                import: false,
                exported: false,
            });
        }
    }

    /// What looks like a path among `tokens`: of single words, only those with a capital letter
    /// or a call after them.
    fn tokens(&mut self, tokens: TokenStream, singles: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, sign: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream(), singles),
                TokenTree::Ident(first) => {
                    let member = at > 0 && (is(at - 1, '.') && !(at > 1 && is(at - 2, '.')));
                    let absolute = at > 1 && is(at - 1, ':') && is(at - 2, ':');
                    let mut path = vec![first.to_string()];
                    while is(at + 1, ':') && is(at + 2, ':') {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else {
                            break;
                        };
                        path.push(next.to_string());
                        at += 3;
                    }
                    let called = is(at + 1, '!')
                        || matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
                    let single = called || is_capital(&path[0]);
                    if !member && !absolute && (path.len() > 1 || singles && single) {
                        self.push(path);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter();
            self.push(segments.map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    /// A constant or a unit struct as a pattern.
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = pattern.ident.to_string();
        if is_capital(&name) {
            self.push(vec![name]);
        }
        visit::visit_pat_ident(self, pattern);
    }

    /// Who may see an item is not what it uses.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::List(list) => {
                self.tokens(list.tokens.clone(), false);
                let literals = list
                    .tokens
                    .clone()
                    .into_iter()
                    .filter_map(|token| match token {
                        TokenTree::Literal(literal) => {
                            syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()
                        }
                        _ => None,
                    });
                for path in literals.filter_map(|literal| literal.parse::<Path>().ok()) {
                    if path.segments.len() > 1 {
                        self.visit_path(&path);
                    }
                }
            }
            Meta::NameValue(pair) if !pair.path.is_ident("doc") => self.visit_expr(&pair.value),
            _ => {}
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        if call.path.is_ident("macro_rules") {
            self.tokens(call.tokens.clone(), false);
            return;
        }
        match call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(arguments) => {
                for argument in &arguments {
                    // `name = value` of a format.
                    match argument {
                        Expr::Assign(pair) => self.visit_expr(&pair.right),
                        other => self.visit_expr(other),
                    }
                }
            }
            Err(_) => self.tokens(call.tokens.clone(), true),
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        if import.leading_colon.is_some() {
            return;
        }
        for leaf in leaves(&import.tree, &mut Vec::new()) {
            self.uses.push(Use {
                path: leaf.path,
                import: true,
                exported: false,
            });
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if self.tests == Tests::Counted || !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if self.tests == Tests::Counted || !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }
}
