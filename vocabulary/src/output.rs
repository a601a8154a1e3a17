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
    /// A name of `[output]` that it is like: what it says itself comes to that.
    pub like: Option<String>,
    /// Where the rows of a list stand in the main answer; without it, the result is one object.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    pub rows: Option<String>,
    /// Where Kestra's total stands.
    #[serde(deserialize_with = "crate::pointer::maybe")]
    pub total: Option<String>,
    /// A name of `[link]`: the address of the object in Kestra's UI.
    pub link: Option<String>,
    /// Places in a row by which the rows of a page are put in order, where Kestra cannot.
    pub order: Vec<Expr>,
    /// The fields of the object, or of each row.
    pub fields: Fields,
    /// Reads after the act, all at once; what fails takes nothing from the answer but its own part.
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
