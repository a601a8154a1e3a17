//! The manifest read into its vocabulary: every entry by itself, so that all faults of a file are
//! told in one run.

mod de;
mod wrong;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vocabulary::{At, Manifest, Place};

use crate::fault::Faults;
use crate::nearest::nearest;
use crate::tree::Tree;

/// Where faults of a file are noted.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where they go.
    pub faults: &'a Faults,
}

impl File<'_> {
    /// Notes a fault of `owner`.
    pub fn fault(self, owner: &str, place: impl Into<Spot>, message: impl std::fmt::Display) {
        let Spot(line, column) = place.into();
        let colon = if owner.is_empty() { "" } else { ": " };
        self.faults.at(
            self.name,
            (line, column),
            format!("{owner}{colon}{message}"),
        );
    }

    /// `tree` as a `T`; what it is not is a fault of `owner`.
    pub fn read<T: DeserializeOwned>(self, owner: &str, tree: &Tree) -> Option<T> {
        let unknown = |place: Place, message: String| self.fault(owner, place, message);
        let reader = de::Reader {
            tree,
            unknown: &unknown,
        };
        match T::deserialize(reader) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let place = wrong.place.map_or(Spot(tree.line, tree.column), Spot::from);
                self.fault(owner, place, wrong.message);
                None
            }
        }
    }
}

/// Line and column of a fault.
#[derive(Clone, Copy)]
pub struct Spot(pub usize, pub usize);

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        let number = |number: u32| usize::try_from(number).unwrap_or_default();
        Self(number(place.line), number(place.column))
    }
}

impl From<&Tree> for Spot {
    fn from(tree: &Tree) -> Self {
        Self(tree.line, tree.column)
    }
}

/// What could not be read: who names it is told nothing more.
#[derive(Debug, Default)]
pub struct Unread {
    /// Entries such as `format.id`, tables such as `link`.
    entries: BTreeSet<String>,
    /// Arguments of tools that could not be read.
    pub arguments: BTreeSet<String>,
}

impl Unread {
    /// Whether this entry, or the table that it stands in, could not be read.
    pub fn has(&self, table: &str, name: &str) -> bool {
        self.entries.contains(table) || self.entries.contains(&format!("{table}.{name}"))
    }

    fn tool(&mut self, tree: &Tree) {
        let arguments = tree.get("args").map_or(&[][..], Tree::entries);
        self.arguments
            .extend(arguments.iter().map(|(name, _)| name.clone()));
    }
}

/// The manifest of `tree`, which is resolved for a line, and what of it could not be read.
pub fn manifest(file: File<'_>, tree: &Tree) -> (Manifest, Unread) {
    let mut manifest = Manifest::default();
    let mut unread = Unread::default();
    for (key, value) in tree.entries() {
        match key.as_str() {
            "permissions" => set(file, key, value, &mut unread, &mut manifest.permissions),
            "states" => set(file, key, value, &mut unread, &mut manifest.states),
            "link" => set(file, key, value, &mut unread, &mut manifest.link),
            "filter_names" => set(file, key, value, &mut unread, &mut manifest.filter_names),
            "host_arguments" => set(file, key, value, &mut unread, &mut manifest.host_arguments),
            "exists" => set(file, key, value, &mut unread, &mut manifest.exists),
            "format" => manifest.format = named(file, key, value, &mut unread),
            "output" => manifest.output = named(file, key, value, &mut unread),
            "near" => manifest.near = named(file, key, value, &mut unread),
            "probe" => manifest.probe = named(file, key, value, &mut unread),
            "tool" => {
                let tools = value.items().iter().filter_map(|tree| {
                    let name = tree.get("name").and_then(Tree::as_text).unwrap_or("tool");
                    let tool = file.read::<At<_>>(name, tree);
                    if tool.is_none() {
                        unread.tool(tree);
                    }
                    tool
                });
                manifest.tool = tools.collect();
            }
            _ => {
                let known = [
                    "permissions",
                    "states",
                    "link",
                    "filter_names",
                    "host_arguments",
                    "exists",
                    "format",
                    "output",
                    "near",
                    "probe",
                    "tool",
                ];
                let near = nearest(key, known.into_iter());
                file.fault("", value, format!("unknown key `{key}`{near}"));
            }
        }
    }
    (manifest, unread)
}

fn set<T: for<'de> Deserialize<'de>>(
    file: File<'_>,
    owner: &str,
    tree: &Tree,
    unread: &mut Unread,
    into: &mut T,
) {
    match file.read(owner, tree) {
        Some(value) => *into = value,
        None => {
            unread.entries.insert(owner.to_owned());
        }
    }
}

/// The entries of a table, each by itself.
fn named<T: DeserializeOwned>(
    file: File<'_>,
    key: &str,
    tree: &Tree,
    unread: &mut Unread,
) -> indexmap::IndexMap<String, At<T>> {
    let mut named = indexmap::IndexMap::new();
    for (name, tree) in tree.entries() {
        let owner = format!("{key}.{name}");
        match file.read(&owner, tree) {
            Some(value) => {
                named.insert(name.clone(), value);
            }
            None => {
                unread.entries.insert(owner);
            }
        }
    }
    named
}
