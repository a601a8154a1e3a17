//! References and sets inside of fields.

use super::{Field, Fields, Make, Use};
use crate::visit::Visit;
use crate::{Expr, Sets, Words};

impl Make {
    /// Looks up the names of sets.
    pub fn resolve(&mut self, sets: &Sets) {
        match self {
            Self::InSet { set, .. } => set.resolve(sets),
            Self::Object { fields } => resolve(fields, sets),
            Self::Pick { only, fields, .. } => {
                only.resolve(sets);
                resolve(fields, sets);
            }
            Self::First { only, .. } => only.resolve(sets),
            Self::Seek { equals, .. } => equals.resolve(sets),
            _ => {}
        }
    }
}

/// Looks up the names of sets in `fields`.
pub(crate) fn resolve(fields: &mut Fields, sets: &Sets) {
    for field in fields.values_mut() {
        field.when.resolve(sets);
        field.make.resolve(sets);
    }
}

impl Visit for Fields {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.values().for_each(|field| field.expressions(visit));
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.values().for_each(|field| field.words(visit));
    }
}

impl Visit for Field {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.when.expressions(visit);
        self.make.expressions(visit);
        self.asked
            .iter()
            .for_each(|asked| asked.when.expressions(visit));
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        self.when.words(visit);
        self.make.words(visit);
    }
}

impl Visit for Make {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for (expr, used) in self.parts() {
            visit(expr);
            if let Use::Items { only, fields, .. } = used {
                if let Some(only) = only {
                    only.expressions(visit);
                }
                if let Some(fields) = fields {
                    fields.expressions(visit);
                }
            }
        }
        self.inner()
            .into_iter()
            .for_each(|fields| fields.expressions(visit));
        if let Self::Seek { equals, .. } = self {
            equals.expressions(visit);
        }
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        match self {
            Self::InSet { set, .. } => visit(set),
            Self::Object { fields } => fields.words(visit),
            Self::Pick { only, fields, .. } => {
                only.words(visit);
                fields.words(visit);
            }
            Self::First { only, .. } => only.words(visit),
            Self::Seek { equals, .. } => equals.words(visit),
            _ => {}
        }
    }
}
