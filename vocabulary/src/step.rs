//! One request to Kestra.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::visit::Visit;
use crate::{At, Bind, Check, Effect, Expr, Filter, Many, Permission, Sets, Text, When, Words};

/// Steps by name, in order.
pub type Steps = IndexMap<String, At<Step>>;

/// One request.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// An operation's id, or method and path such as `GET /api/v1/{tenant}/flows`.
    pub operation: String,
    /// What it does to Kestra; if omitted, a GET reads and anything else has the tool's effect.
    pub effect: Option<Effect>,
    /// Parameters of path, query and header by name, and `body`.
    #[serde(default)]
    pub bind: IndexMap<String, At<Bind>>,
    /// Query filters by field.
    #[serde(default)]
    pub filters: IndexMap<String, Many<At<Filter>>>,
    /// Conditions that every row must meet.
    #[serde(default)]
    pub checks: Vec<At<Check>>,
    /// Members that must equal these values, so that the answer is about the requested object. The
    /// answer to a change may lack them.
    #[serde(default)]
    pub same: IndexMap<String, Expr>,
    /// Left out unless this holds.
    #[serde(default)]
    pub when: When,
    /// Skipped unless the caller has this permission.
    pub permission: Option<Permission>,
    /// Where the rows stand that are the answer.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub rows: Option<String>,
    /// A place that is true if the object was deleted: the answer then counts as a miss.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub gone: Option<String>,
    /// In `before`: a missing object is not an error; the answer is then absent.
    #[serde(default)]
    pub optional: bool,
    /// How long a 404 may mean "not yet", in milliseconds.
    #[serde(default)]
    pub retry_404_ms: u64,
    /// In `attach`: give up after this many milliseconds, and do not report a failure.
    pub spare_ms: Option<u64>,
    /// The type of the answer.
    #[serde(default)]
    pub answer: Answer,
    /// The sentence that introduces Kestra's own message when Kestra answers 422.
    pub refused: Option<Text>,
}

/// The type of an answer of Kestra.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// JSON; only what is used is kept.
    #[default]
    Json,
    /// Text, in UTF-8: one value, of which at most 256 KiB are kept.
    Text,
    /// Bytes: one value, as Base64; an error above 256 KiB.
    Bytes,
}

impl Step {
    /// What every row must meet, by places, operation and value; filters that are applied again too.
    pub fn checks(&self) -> impl Iterator<Item = (&[String], crate::Op, Wanted<'_>)> {
        let own = self
            .checks
            .iter()
            .map(|check| (&*check.at, check.op, Wanted::Argument(&check.arg)));
        let filters = self.filters.values().flatten().filter_map(|filter| {
            let at = filter.check.as_ref()?;
            Some((
                std::slice::from_ref(at),
                filter.op,
                Wanted::Value(&filter.value),
            ))
        });
        own.chain(filters)
    }

    /// Looks up the names of sets.
    pub fn resolve(&mut self, sets: &Sets) {
        self.when.resolve(sets);
        for bind in self.bind.values_mut() {
            match &mut bind.node {
                Bind::Plain(value) | Bind::KeyValue(value) => value.resolve(sets),
                Bind::Multipart { value, declared } => {
                    value.resolve(sets);
                    declared.resolve(sets);
                }
                _ => {}
            }
        }
    }
}

/// What a row is held against.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'s> {
    /// An argument.
    Argument(&'s str),
    /// The value of a filter.
    Value(&'s Expr),
}

impl Visit for Step {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.bind.values().for_each(|bind| bind.expressions(visit));
        self.filters
            .values()
            .flatten()
            .for_each(|filter| visit(&filter.value));
        self.same.values().for_each(&mut *visit);
        self.when.expressions(visit);
        self.refused.expressions(visit);
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
    }
}
