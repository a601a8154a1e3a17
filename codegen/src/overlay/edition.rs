//! Which edition of Kestra serves which paths.

use serde::Deserialize;

use crate::document::Document;

/// What the overlay says beside what it changed.
#[derive(Debug, Default)]
pub struct Editions(pub(super) Vec<(Vec<String>, String)>);

impl Editions {
    /// The edition that serves `path`; none is any.
    pub fn of(&self, path: &str) -> Option<&str> {
        let (_, needs) = self
            .0
            .iter()
            .find(|(globs, _)| globs.iter().any(|glob| matches(glob, path)))?;
        Some(needs)
    }

    /// Whether `path` belongs to an edition of which `document` has nothing at all.
    pub fn lacks(&self, document: &Document, path: &str) -> bool {
        let mut globs = self.0.iter().flat_map(|(globs, _)| globs);
        globs.any(|glob| {
            matches(glob, path) && !document.operations().any(|one| matches(glob, &one.path))
        })
    }
}

/// `**` at the end stands for anything, or nothing, below.
pub(super) fn matches(glob: &str, path: &str) -> bool {
    match glob.strip_suffix("/**") {
        Some(parent) => path
            .strip_prefix(parent)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => glob == path,
    }
}

/// Which edition serves some paths.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edition {
    /// Paths; `/**` at the end stands for anything below.
    pub(super) at: Vec<String>,
    /// None of its own where it is empty.
    pub(super) needs: Needs,
    /// Why it is needed.
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) enum Needs {
    #[serde(rename = "")]
    Any,
    #[serde(rename = "EE")]
    Enterprise,
}
