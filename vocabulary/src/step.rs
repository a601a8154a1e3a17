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
    /// What it does to Kestra; a GET reads, anything else does what the tool does, unless it says so.
    pub effect: Option<Effect>,
    /// Parameters of path, query and header by name, and `body`.
    #[serde(default)]
    pub bind: IndexMap<String, At<Bind>>,
    /// Query filters by field.
    #[serde(default)]
    pub filters: IndexMap<String, Many<At<Filter>>>,
    /// What every row must meet.
    #[serde(default)]
    pub checks: Vec<At<Check>>,
    /// The answer must be about the object that was asked for: member to value. That of a change may
    /// also say nothing of it.
    #[serde(default)]
    pub same: IndexMap<String, Expr>,
    /// Left out unless this holds.
    #[serde(default)]
    pub when: When,
    /// Left out for who does not hold it.
    pub permission: Option<Permission>,
    /// The answer is these rows.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub rows: Option<String>,
    /// What is true of an answer that counts as none: an object that was deleted.
    #[serde(default, deserialize_with = "crate::pointer::maybe")]
    pub gone: Option<String>,
    /// Read before: an object that is not there is no miss, the answer is absent then.
    #[serde(default)]
    pub optional: bool,
    /// For how long a 404 may mean "not yet", in milliseconds.
    #[serde(default)]
    pub retry_404_ms: u64,
    /// An attached read that is given up after so many milliseconds, and whose failure is not told:
    /// the answer is whole without it.
    pub spare_ms: Option<u64>,
    /// What the answer is.
    #[serde(default)]
    pub answer: Answer,
    /// What a refusal of Kestra's with status 422 is told as: its own words follow.
    pub refused: Option<Text>,
}

/// What an answer of Kestra is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// JSON, of which what is used is kept.
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
