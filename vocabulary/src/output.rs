//! The shape of a result.

use serde::Deserialize;

use crate::make::resolve;
use crate::visit::Visit;
use crate::{Expr, Fields, Sets, Steps, Words};

/// The shape of a result.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// A name of `[output]` to inherit from; what is stated here is added.
    pub like: Option<String>,
    /// Where the rows of a list stand in the main answer; if omitted, the result is one object.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    pub rows: Option<String>,
    /// Where Kestra's total stands.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    pub total: Option<String>,
    /// A name of `[link]`: the URL of the object in Kestra's UI.
    pub link: Option<String>,
    /// Places in a row by which the rows of a page are sorted, where Kestra cannot sort.
    pub order: Vec<Expr>,
    /// The fields of the object, or of each row.
    pub fields: Fields,
    /// Reads after the act, all at once; one that fails removes only its own part of the answer.
    pub attach: Steps,
}

impl Output {
    /// `shared` with what this says itself.
    pub(crate) fn over(self, shared: &Self) -> Self {
        let mut all = shared.clone();
        all.like = self.like;
        all.rows = self.rows.or(all.rows);
        all.total = self.total.or(all.total);
        all.link = self.link.or(all.link);
        all.order.extend(self.order);
        all.fields.extend(self.fields);
        all.attach.extend(self.attach);
        all
    }

    pub(crate) fn resolve(&mut self, sets: &Sets) {
        resolve(&mut self.fields, sets);
        self.attach.values_mut().for_each(|step| step.resolve(sets));
    }
}

impl Visit for Output {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.order.iter().for_each(&mut *visit);
        self.fields.expressions(visit);
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.fields.words(visit);
        self.attach.values().for_each(|step| step.words(visit));
    }
}
