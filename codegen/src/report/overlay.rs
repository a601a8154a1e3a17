//! What a report has to know of `openapi/overlay.toml`: added operations, and editions.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::document::{Document, Method, Operation, number_of_line};
use crate::report::compare::{route, without_names};

/// The overlay; other keys are for the build.
#[derive(Debug, Default, Deserialize)]
pub struct Overlay {
    #[serde(default)]
    add: Vec<Added>,
    #[serde(default)]
    edition: Vec<Edition>,
}

#[derive(Debug, Deserialize)]
struct Added {
    operation: String,
    at: String,
    #[serde(default)]
    lines: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Edition {
    at: Globs,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Globs {
    One(String),
    Several(Vec<String>),
}

impl Overlay {
    /// Reads the overlay's text.
    ///
    /// # Errors
    ///
    /// The text is no TOML, or an entry lacks what is read here.
    pub fn parse(text: &str) -> Result<Self, Box<toml::de::Error>> {
        Ok(toml::from_str(text)?)
    }

    /// The operations that this adds to a description which lacks them, as a description.
    pub fn added_to(&self, document: &Document) -> Document {
        let mut paths = serde_json::Map::new();
        for added in &self.add {
            let holds = match (&added.lines, &document.line) {
                (Some(from), Some(line)) => number_of_line(from) <= number_of_line(line),
                _ => true,
            };
            let Some((method, path)) = added.at.split_once(' ') else {
                continue;
            };
            let (Some(method), path) = (Method::parse(method), path.trim()) else {
                continue;
            };
            let wanted = (method, without_names(path));
            if !holds || document.operations().any(|known| route(&known) == wanted) {
                continue;
            }
            let item = paths.entry(path).or_insert_with(|| json!({}));
            if let Value::Object(item) = item {
                item.insert(
                    method.lower().to_owned(),
                    json!({ "operationId": added.operation }),
                );
            }
        }
        Document {
            line: document.line.clone(),
            json: json!({ "paths": paths }),
        }
    }

    /// Whether the operation belongs to an edition of which the other description has nothing: no
    /// path at all of the group that the entry names.
    pub fn other_edition(&self, lost: &Operation<'_>, document: &Document) -> bool {
        self.edition
            .iter()
            .flat_map(|edition| edition.at.iter())
            .any(|glob| {
                matches(glob, &lost.path)
                    && !document.operations().any(|one| matches(glob, &one.path))
            })
    }
}

impl Globs {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let globs = match self {
            Self::One(glob) => std::slice::from_ref(glob),
            Self::Several(globs) => globs.as_slice(),
        };
        // An entry may name a method in front.
        globs.iter().map(|glob| {
            glob.split_once(' ')
                .map_or(glob.as_str(), |(_, path)| path.trim())
        })
    }
}

/// `*` is one segment, `**` any number of them; names of parameters do not count.
fn matches(glob: &str, path: &str) -> bool {
    let (glob, path) = (without_names(glob), without_names(path));
    segments_match(
        &glob.split('/').collect::<Vec<_>>(),
        &path.split('/').collect::<Vec<_>>(),
    )
}

fn segments_match(glob: &[&str], path: &[&str]) -> bool {
    match (glob, path) {
        ([], []) => true,
        (["**", rest @ ..], _) if segments_match(rest, path) => true,
        (["**", ..], [_, path @ ..]) => segments_match(glob, path),
        ([wanted, glob @ ..], [segment, path @ ..]) => {
            (*wanted == "*" || wanted == segment) && segments_match(glob, path)
        }
        _ => false,
    }
}
