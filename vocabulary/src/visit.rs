//! A visitor of the references and sets inside an entry.

use crate::{Expr, Words};

/// Shows the references and sets of an entry, those of its parts too.
pub trait Visit {
    /// Calls `visit` with every reference.
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr));

    /// Calls `visit` with every list of texts that may be the name of a set.
    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        let _ = visit;
    }
}

impl<T: Visit> Visit for [T] {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for item in self {
            item.expressions(visit);
        }
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        for item in self {
            item.words(visit);
        }
    }
}

impl<T: Visit> Visit for Option<T> {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        if let Some(item) = self {
            item.expressions(visit);
        }
    }

    fn words<'a>(&'a self, visit: &mut dyn FnMut(&'a Words)) {
        if let Some(item) = self {
            item.words(visit);
        }
    }
}

impl Visit for Expr {
    fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
    }
}
