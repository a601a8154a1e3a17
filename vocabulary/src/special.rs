//! The two acts that are more than one request: saving a document under a revision, and reading
//! rows that stand in the rows of a search.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::visit::Visit;
use crate::{At, Check, Expr, Sets, Step, When, Words};

/// How a document is saved under a revision: created where it is absent, replaced where the caller
/// names the revision that is stored, one save at a time of each.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// The source.
    pub document: Expr,
    /// The revision that may be replaced.
    pub base: Expr,
    /// Whether nothing is to be sent.
    pub preview: Expr,
    /// Where the stored source stands.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub stored: String,
    /// Where its revision stands.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub revision: String,
    /// Texts of the document that must be there and become path segments, each with where the answer
    /// of `validate` says as what Kestra read it.
    #[serde(deserialize_with = "crate::pointer::by_name")]
    pub names: IndexMap<String, String>,
    /// How to see what is stored, for the model.
    pub next: String,
    /// Has Kestra check the document.
    pub validate: At<Step>,
    /// Reads what is stored.
    pub read: At<Step>,
    /// Creates it.
    pub create: At<Step>,
    /// Replaces it.
    pub update: At<Step>,
    /// Reads what was saved; `read` where this is left out.
    pub after: Option<At<Step>>,
}

impl Save {
    /// Its requests, by name.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, &At<Step>)> {
        let steps = [
            ("validate", Some(&self.validate)),
            ("read", Some(&self.read)),
            ("create", Some(&self.create)),
            ("update", Some(&self.update)),
            ("after", self.after.as_ref()),
        ];
        steps
            .into_iter()
            .filter_map(|(name, step)| Some((name, step?)))
    }

    pub(crate) fn resolve(&mut self, sets: &Sets) {
        for step in [
            &mut self.validate,
            &mut self.read,
            &mut self.create,
            &mut self.update,
        ] {
            step.resolve(sets);
        }
        self.after.iter_mut().for_each(|step| step.resolve(sets));
    }
}

impl Visit for Save {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for expr in [&self.document, &self.base, &self.preview] {
            visit(expr);
        }
    }
}

/// Which rows stand in the rows of the search that is the act: it is read page by page up to a bound.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unfold {
    /// The member of our rows under which a row of the search stands.
    pub of: String,
    /// The places that name a row of the search.
    #[serde(default, deserialize_with = "crate::pointer::list")]
    pub names: Vec<String>,
    /// The list in it.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub list: String,
    /// The member of our rows under which an item of the list stands.
    pub item: String,
    /// The place by which items are sorted.
    #[serde(deserialize_with = "crate::pointer::one")]
    pub by: String,
    /// Conditions that every row of ours must meet.
    #[serde(default)]
    pub checks: Vec<At<Check>>,
    /// The requested page.
    pub page: Expr,
    /// How many rows a page has.
    pub size: Expr,
    /// How many rows of the search are read at a time: few, so that there is room for long lists.
    pub batch: u64,
    /// How many times one call may read.
    pub pages: u64,
    /// How to see the rows that were not read, for the model.
    pub next: String,
    /// What else belongs to a row.
    pub join: Join,
}

/// What a table says of our rows.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The member of our rows under which it stands.
    pub into: String,
    /// What must be equal: the member of what is joined, and the place in our row.
    #[serde(deserialize_with = "crate::pointer::by_name")]
    pub on: IndexMap<String, String>,
    /// The table knows nothing of such a row.
    pub unless: When,
    /// Where what is joined stands in a row of the table; empty where it is the row.
    #[serde(default, deserialize_with = "crate::pointer::one")]
    pub at: String,
    /// Of how many rows of the search each is asked about by itself.
    pub few: usize,
    /// The note about rows that the table could not be asked about.
    pub note: String,
    /// Reads a page of the table.
    pub table: At<Step>,
    /// Reads what the table has of one row of the search.
    pub one: At<Step>,
}

impl Unfold {
    /// Its requests beside the search, by name.
    pub fn steps(&self) -> [(&'static str, &At<Step>); 2] {
        [("table", &self.join.table), ("one", &self.join.one)]
    }

    pub(crate) fn resolve(&mut self, sets: &Sets) {
        self.join.unless.resolve(sets);
        self.join.table.resolve(sets);
        self.join.one.resolve(sets);
    }
}

impl Visit for Unfold {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(&self.page);
        visit(&self.size);
        self.join.unless.expressions(visit);
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.join.unless.words(visit);
    }
}
