//! Which operation of one description is which of another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::document::{Document, Operation};

/// What became of every operation of the older description.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// One row per operation of the older description.
    pub rows: Vec<Row<'a>>,
    /// Operations that only the newer description has.
    pub added: Vec<Operation<'a>>,
}

/// An operation of the older description and its fate.
#[derive(Debug)]
pub struct Row<'a> {
    /// As the older description has it.
    pub old: Operation<'a>,
    /// As the newer description has it.
    pub fate: Fate<'a>,
}

/// What became of an operation.
#[derive(Debug)]
pub enum Fate<'a> {
    /// Same method, path and id.
    Kept(Operation<'a>),
    /// Same method and path, another id.
    Renamed(Operation<'a>),
    /// Same id, another method or path.
    Moved(Operation<'a>),
    /// Neither; [`nearest`] looks for what it may have become.
    Lost,
}

/// What an operation takes that it did not, and the other way round. Sorted names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Names of path parameters.
    pub path: Names,
    /// Names of query parameters.
    pub query: Names,
    /// Media types of the request body.
    pub body: Names,
}

/// Names that went and names that came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// No longer there.
    pub removed: Vec<String>,
    /// New.
    pub added: Vec<String>,
}

/// Matches by method and path first, names of path parameters ignored, then by id.
pub fn compare<'a>(old: &'a Document, new: &'a Document) -> Comparison<'a> {
    let offered: Vec<Operation<'a>> = new.operations().collect();
    let by_route: BTreeMap<_, _> = offered.iter().map(|one| (one.shape(), one)).collect();
    let by_id: BTreeMap<_, _> = offered.iter().map(|one| (one.id.as_str(), one)).collect();
    let wanted: BTreeSet<_> = old.operations().map(|one| one.shape()).collect();
    let mut taken = BTreeSet::new();
    let rows = old
        .operations()
        .map(|old| {
            let same_id = by_id
                .get(old.id.as_str())
                .filter(|new| !wanted.contains(&new.shape()));
            let fate = match (by_route.get(&old.shape()), same_id) {
                (Some(new), _) if new.id == old.id => Fate::Kept((*new).clone()),
                (Some(new), _) => Fate::Renamed((*new).clone()),
                (None, Some(new)) => Fate::Moved((*new).clone()),
                (None, None) => Fate::Lost,
            };
            taken.extend(fate.found().map(Operation::shape));
            Row { old, fate }
        })
        .collect();
    let added = offered
        .iter()
        .filter(|one| !taken.contains(&one.shape()))
        .cloned()
        .collect();
    Comparison { rows, added }
}

impl<'a> Fate<'a> {
    /// The operation of the newer description, unless it is lost.
    pub fn found(&self) -> Option<&Operation<'a>> {
        match self {
            Self::Kept(new) | Self::Renamed(new) | Self::Moved(new) => Some(new),
            Self::Lost => None,
        }
    }
}

impl Row<'_> {
    /// What the operation takes now; nothing when it is lost.
    pub fn change(&self) -> Change {
        let Some(new) = self.fate.found() else {
            return Change::default();
        };
        Change {
            path: Names::between(&in_template(&self.old), &in_template(new)),
            query: Names::between(&in_query(&self.old), &in_query(new)),
            body: Names::between(&media_types(&self.old), &media_types(new)),
        }
    }
}

impl Change {
    /// Whether something that a caller may send is no longer taken.
    pub fn removes(&self) -> bool {
        [&self.path, &self.query, &self.body]
            .iter()
            .any(|names| !names.removed.is_empty())
    }
}

impl Names {
    fn between(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Self {
        Self {
            removed: old.difference(new).cloned().collect(),
            added: new.difference(old).cloned().collect(),
        }
    }
}

/// The operation whose method, path and id look most like those of the lost one.
pub fn nearest<'a>(lost: &Operation<'_>, new: &'a Document) -> Option<Operation<'a>> {
    let likeness = |new: &Operation<'_>| {
        strsim::normalized_levenshtein(&lost.route(), &new.route())
            + strsim::normalized_levenshtein(&lost.id, &new.id)
    };
    let rated = new.operations().map(|one| (likeness(&one), one));
    rated
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, one)| one)
}

/// The template says it; a parameter of it is sometimes declared elsewhere.
fn in_template(operation: &Operation<'_>) -> BTreeSet<String> {
    let rest = operation.path.split('{').skip(1);
    rest.filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn in_query(operation: &Operation<'_>) -> BTreeSet<String> {
    let given = operation.value.get("parameters").and_then(Value::as_array);
    let text = |parameter: &Value, key: &str| {
        parameter
            .get(key)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let written = in_template(operation);
    given
        .into_iter()
        .flatten()
        .filter(|parameter| text(parameter, "in").as_deref() == Some("query"))
        .filter_map(|parameter| text(parameter, "name"))
        .filter(|name| !written.contains(name))
        .collect()
}

fn media_types(operation: &Operation<'_>) -> BTreeSet<String> {
    let content = operation
        .value
        .pointer("/requestBody/content")
        .and_then(Value::as_object);
    content
        .into_iter()
        .flatten()
        .map(|(media_type, _)| media_type.clone())
        .collect()
}
