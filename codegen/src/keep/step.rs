//! What a step uses: of the answers before it, and of its own.

use vocabulary::tool::ACT;
use vocabulary::{Bind, Step};

use super::Keeps;
use super::base::{Base, main};

impl Keeps<'_> {
    /// What the checks of a step are about.
    fn checked(&self, base: &Base, name: &str, step: &Step) -> Base {
        match &step.rows {
            Some(rows) => Base::of(self.shared(name)).at(rows).rows(),
            None if self.tool.unfold.is_some() && matches!(name, ACT | "table") => self.page(name),
            None if self.tool.is_main(name) => base.clone(),
            None => Base::of(name),
        }
    }

    pub(super) fn step(&mut self, base: &Base, name: &str, step: &Step) {
        let own = self.checked(base, name, step);
        self.checks(&own, step.checks().map(|(at, ..)| at));
        let object = if self.tool.is_main(name) { main() } else { own };
        for (member, expr) in &step.same {
            self.whole(&object.at(&format!("/{member}")));
            self.expr(&main(), expr);
        }
        if let Some(gone) = &step.gone {
            self.whole(&Base::of(self.shared(name)).at(gone));
        }
        self.visit(&main(), &step.when);
        for filter in step.filters.values().flatten() {
            self.expr(&main(), &filter.value);
        }
        for bind in step.bind.values() {
            match &bind.node {
                Bind::Plain(value) | Bind::KeyValue(value) => self.make(&main(), value),
                Bind::Multipart { value, declared } => {
                    self.make(&main(), value);
                    self.make(&main(), declared);
                }
                other => self.visit(&main(), other),
            }
        }
    }

    pub(super) fn checks<'c>(&mut self, base: &Base, checks: impl Iterator<Item = &'c [String]>) {
        for at in checks.flatten() {
            let tree = self.tree(&base.at(at));
            // A filter knows labels as they are kept.
            tree.whole |= !tree.labels;
        }
    }
}
