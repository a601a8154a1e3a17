//! Which file defines what a path names.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Crate, Definition, Id};

/// The names of one file that another one uses, by both files: who uses, and what is used.
pub(crate) type Edges = BTreeMap<(String, String), BTreeSet<String>>;

enum Target {
    Module(Id),
    /// An item, with the module that defines it.
    Item(Id, String),
}

type Seen = BTreeSet<(Id, String)>;

impl Crate {
    /// The uses of files by files. The file that uses a re-exported item uses the one that defines
    /// it; a module that re-exports from a module below itself uses nothing.
    pub(crate) fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (id, module) in self.0.iter().enumerate() {
            for used in &module.uses {
                let targets = self.resolve(id, &used.path, &mut Seen::new());
                // The paths in the code tell whether the module or an item of that name is meant.
                if used.import
                    && targets
                        .iter()
                        .any(|target| matches!(target, Target::Module(_)))
                {
                    continue;
                }
                for target in targets {
                    let Target::Item(owner, name) = target else {
                        continue;
                    };
                    let file = &self.0[owner].file;
                    if *file != module.file && !(used.exported && self.is_below(owner, id)) {
                        let edge = (module.file.clone(), file.clone());
                        edges.entry(edge).or_default().insert(name);
                    }
                }
            }
        }
        edges
    }

    fn is_below(&self, id: Id, above: Id) -> bool {
        let parent = self.0[id].parent;
        parent.is_some_and(|parent| parent == above || self.is_below(parent, above))
    }

    fn resolve(&self, from: Id, path: &[String], seen: &mut Seen) -> Vec<Target> {
        let mut segments = path.iter().map(String::as_str).peekable();
        let mut start = match segments.peek() {
            Some(&"crate") => Some(0),
            Some(&"self" | &"super") => Some(from),
            _ => None,
        };
        if start == Some(0) || segments.peek() == Some(&"self") {
            segments.next();
        }
        while start.is_some() && segments.peek() == Some(&"super") {
            start = start.and_then(|id| self.0[id].parent);
            segments.next();
        }
        let mut found = match (start, segments.peek()) {
            (Some(id), _) => vec![Target::Module(id)],
            (None, Some(first)) => self.find(from, first, seen),
            (None, None) => Vec::new(),
        };
        if start.is_none() {
            segments.next();
        }
        for segment in segments {
            // Of a module and an item of one name, only the module has paths below it.
            if found
                .iter()
                .any(|target| matches!(target, Target::Module(_)))
            {
                found.retain(|target| matches!(target, Target::Module(_)));
            }
            let mut next = Vec::new();
            for target in found {
                match target {
                    // A variant, or an associated item.
                    Target::Item(..) => next.push(target),
                    Target::Module(id) => {
                        let inside = self.find(id, segment, seen);
                        if inside.is_empty() && !self.0[id].names.contains_key(segment) {
                            // What a macro or the build generates.
                            next.push(Target::Item(id, segment.to_owned()));
                        }
                        next.extend(inside);
                    }
                }
            }
            found = next;
        }
        found
    }

    /// What `name` means inside a module. A name that is being looked up does not import itself.
    fn find(&self, id: Id, name: &str, seen: &mut Seen) -> Vec<Target> {
        let first = seen.insert((id, name.to_owned()));
        let module = &self.0[id];
        let mut found = Vec::new();
        for definition in module.names.get(name).into_iter().flatten() {
            match definition {
                Definition::Item => found.push(Target::Item(id, name.to_owned())),
                Definition::Module(id) => found.push(Target::Module(*id)),
                Definition::Import(path) if first => found.extend(self.resolve(id, path, seen)),
                Definition::Import(_) => {}
            }
        }
        if first && !module.names.contains_key(name) {
            for glob in &module.globs {
                for target in self.resolve(id, glob, seen) {
                    if let Target::Module(inner) = target {
                        found.extend(self.find(inner, name, seen));
                    }
                }
            }
        }
        found
    }
}
