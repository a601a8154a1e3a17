//! The modules of a crate, read from its files: what each one defines, imports and uses.

use std::collections::BTreeMap;

use syn::{Item, UseTree, Visibility};

use super::uses::{self, Use};

/// The files of a crate: the path below `src`, and the text.
pub(crate) type Files = BTreeMap<String, String>;

/// Whether `#[cfg(test)]` code counts.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tests {
    Counted,
    Ignored,
}

/// The index of a module in its crate.
pub(crate) type Id = usize;

pub(crate) enum Definition {
    /// An item of the module's own.
    Item,
    Module(Id),
    /// The path of a `use`.
    Import(Vec<String>),
}

pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) parent: Option<Id>,
    pub(crate) names: BTreeMap<String, Vec<Definition>>,
    /// The paths of its glob imports.
    pub(crate) globs: Vec<Vec<String>>,
    /// The paths that its code names.
    pub(crate) uses: Vec<Use>,
}

/// The modules that `entry` declares, directly or through others.
pub(crate) struct Crate(pub(crate) Vec<Module>);

impl Crate {
    pub(crate) fn parse(files: &Files, entry: &str, tests: Tests) -> Self {
        let mut reader = Reader {
            files,
            tests,
            modules: Vec::new(),
        };
        reader.file(entry, "", None);
        Self(reader.modules)
    }
}

struct Reader<'a> {
    files: &'a Files,
    tests: Tests,
    modules: Vec<Module>,
}

impl Reader<'_> {
    /// The module in `file`, whose children are in `folder`.
    fn file(&mut self, file: &str, folder: &str, parent: Option<Id>) -> Id {
        let parsed = syn::parse_file(&self.files[file]);
        let parsed = parsed.unwrap_or_else(|error| panic!("{file}: {error}"));
        self.module(file, folder, parent, &parsed.items)
    }

    fn module(&mut self, file: &str, folder: &str, parent: Option<Id>, items: &[Item]) -> Id {
        let id = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            names: BTreeMap::new(),
            globs: Vec::new(),
            uses: Vec::new(),
        });
        for item in items {
            if self.tests == Tests::Ignored && uses::is_test(uses::attributes(item)) {
                continue;
            }
            match item {
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let below = format!("{folder}{name}/");
                    let child = if let Some((_, items)) = &child.content {
                        self.module(file, &below, Some(id), items)
                    } else {
                        let path = [format!("{folder}{name}.rs"), format!("{below}mod.rs")]
                            .into_iter()
                            .find(|path| self.files.contains_key(path));
                        let path = path.unwrap_or_else(|| panic!("{file}: no file of {name}"));
                        self.file(&path, &below, Some(id))
                    };
                    self.define(id, name, Definition::Module(child));
                }
                Item::Use(import) => {
                    let exported = !matches!(import.vis, Visibility::Inherited);
                    if import.leading_colon.is_none() {
                        self.import(id, &import.tree, &mut Vec::new(), exported);
                    }
                }
                other => {
                    if let Some(name) = uses::name(other) {
                        self.define(id, name, Definition::Item);
                    }
                    let found = uses::of_item(other, self.tests);
                    self.modules[id].uses.extend(found);
                }
            }
        }
        id
    }

    fn define(&mut self, id: Id, name: String, definition: Definition) {
        self.modules[id]
            .names
            .entry(name)
            .or_default()
            .push(definition);
    }

    fn import(&mut self, id: Id, tree: &UseTree, path: &mut Vec<String>, exported: bool) {
        for leaf in uses::leaves(tree, path) {
            match leaf.name {
                Some(name) => self.define(id, name, Definition::Import(leaf.path.clone())),
                None => self.modules[id].globs.push(leaf.path.clone()),
            }
            self.modules[id].uses.push(Use {
                path: leaf.path,
                exported,
                import: true,
            });
        }
    }
}
