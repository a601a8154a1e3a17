//! What is used of each answer: a tree from every pointer of a tool.

mod base;
mod field;
mod special;
mod step;
mod tree;

use std::collections::BTreeMap;

use vocabulary::tool::{ACT, ANSWER};
use vocabulary::{Expr, Keep, Near, Target, Tool, Visit};

use base::{Base, TOGETHER, main};
use tree::Tree;

/// Trees by step.
#[derive(Debug)]
pub struct Keeps<'t> {
    tool: &'t Tool,
    trees: BTreeMap<String, Tree>,
}

impl<'t> Keeps<'t> {
    /// The trees of `tool`, of which candidates are found by `near`.
    pub fn of(tool: &'t Tool, near: Option<&Near>) -> Self {
        let mut keeps = Self {
            tool,
            trees: BTreeMap::new(),
        };
        let base = keeps.base();
        keeps.fields(&base, &tool.output.fields);
        for expr in &tool.output.order {
            keeps.expr(&base, expr);
        }
        if let Some(total) = &tool.output.total {
            keeps.whole(&main().at(total));
        }
        match tool.target.as_ref().map(|target| &target.node) {
            Some(Target::Rows(at)) => keeps.whole(&base.at(at)),
            Some(Target::At(expr)) => keeps.expr(&main(), expr),
            Some(Target::None(_)) | None => {}
        }
        for refusal in &tool.refuse {
            keeps.visit(&main(), &refusal.node);
        }
        for make in tool.values.values() {
            keeps.make(&main(), make);
        }
        if let Some(needless) = &tool.needless {
            keeps.visit(&main(), &needless.node);
        }
        for (name, step) in tool.steps() {
            keeps.step(&base, &name, step);
        }
        if let Some(settle) = &tool.settle {
            keeps.settle(settle);
        }
        if let Some(save) = &tool.save {
            keeps.save(save);
        }
        if let Some(unfold) = &tool.unfold {
            keeps.unfold(unfold);
        }
        if let Some(near) = near {
            keeps.near(near);
        }
        keeps.trees.values_mut().for_each(Tree::settle);
        keeps
    }

    /// What is kept of the answer of a step; steps of the main answer's shape share one.
    pub fn get(&self, step: &str) -> Keep {
        self.trees
            .get(self.shared(step))
            .map_or(Keep::Presence, Tree::keep)
    }

    fn shared<'s>(&self, step: &'s str) -> &'s str {
        if self.tool.is_main(step) {
            ANSWER
        } else {
            step
        }
    }

    fn tree(&mut self, base: &Base) -> &mut Tree {
        self.trees
            .entry(base.step.clone())
            .or_default()
            .reach(&base.path)
    }

    fn whole(&mut self, base: &Base) {
        self.tree(base).whole = true;
    }

    /// What a field's own pointers point into: the main answer, or each of its rows.
    fn base(&self) -> Base {
        match &self.tool.output.rows {
            _ if self.tool.unfold.is_some() => Base::of(TOGETHER),
            Some(_) => self.page(ACT),
            None => main(),
        }
    }

    /// Each row of a page that a step answers.
    fn page(&self, step: &str) -> Base {
        let rows = self.tool.output.rows.as_deref().unwrap_or_default();
        Base::of(self.shared(step)).at(rows).rows()
    }

    /// Every reference of an entry is used whole.
    fn visit(&mut self, base: &Base, entry: &impl Visit) {
        let mut all = Vec::new();
        entry.expressions(&mut |expr| all.push(expr));
        for expr in all {
            self.expr(base, expr);
        }
    }

    fn expr(&mut self, base: &Base, expr: &Expr) {
        if let Some(place) = self.place(base, expr) {
            self.whole(&place);
        }
    }

    /// Where `expr` points; none for what is no part of an answer.
    fn place(&self, base: &Base, expr: &Expr) -> Option<Base> {
        match expr {
            Expr::Row(pointer) => Some(base.at(pointer)),
            Expr::Step(step, pointer) => {
                let attached = self.tool.output.attach.get(step);
                // The value of a step with rows is the list itself.
                let rows = attached.and_then(|attached| attached.rows.as_deref());
                Some(
                    Base::of(self.shared(step))
                        .at(rows.unwrap_or_default())
                        .at(pointer),
                )
            }
            Expr::Argument(_) | Expr::Document(_) | Expr::Constant(_) => None,
        }
    }
}
