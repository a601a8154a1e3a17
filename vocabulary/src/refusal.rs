//! Reasons to refuse a call.

use serde::Deserialize;

use crate::visit::Visit;
use crate::{Expr, Text, When, Words};

/// A reason to refuse a call before anything changes.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The call is refused when this holds.
    pub when: When,
    /// The error message, for the model.
    pub message: Text,
}

impl Visit for Refusal {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.message.expressions(visit);
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
    }
}
