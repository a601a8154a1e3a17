//! What the parts of a tool use that only some tools have.

use vocabulary::make::ROWS;
use vocabulary::tool::ACT;
use vocabulary::{Near, Save, Settle, Unfold};

use super::Keeps;
use super::base::{Base, TOGETHER, main};

impl Keeps<'_> {
    pub(super) fn settle(&mut self, settle: &Settle) {
        let main = main();
        let pointers = [&settle.state, &settle.id].into_iter().flatten();
        for pointer in pointers.chain(settle.scheduled.iter().map(|scheduled| &scheduled.at)) {
            self.whole(&main.at(pointer));
        }
        self.visit(&main, settle);
        let Some(tasks) = &settle.tasks else {
            return;
        };
        let items = self.items(&main.at(&tasks.at), &[&tasks.state], 1);
        for pointer in std::iter::once(&tasks.state).chain(&tasks.name) {
            self.whole(&items.at(pointer));
        }
        if let Some(declared) = self.place(&main, &tasks.declared) {
            let tree = self.tree(&declared);
            tree.whole = false;
            tree.tasks = Some(tasks.nested.clone());
        }
    }

    pub(super) fn save(&mut self, save: &Save) {
        for pointer in [&save.stored, &save.revision] {
            self.whole(&main().at(pointer));
        }
        // Read whole: it is Kestra's own list of faults.
        self.whole(&Base::of("validate"));
    }

    /// What is used of a row is used of the answers that it is put together of.
    pub(super) fn unfold(&mut self, unfold: &Unfold) {
        let Unfold { of, item, join, .. } = unfold;
        let row = Base::of(TOGETHER);
        self.checks(&row, unfold.checks.iter().map(|check| &*check.at));
        self.visit(&row, &join.unless);
        let names = unfold.names.iter().map(|name| format!("/{of}{name}"));
        let on = join
            .on
            .iter()
            .flat_map(|(theirs, ours)| [format!("/{}/{theirs}", join.into), ours.clone()]);
        for pointer in names.chain(on).chain([format!("/{item}{}", unfold.by)]) {
            self.whole(&row.at(&pointer));
        }
        let mut parts = self.trees.remove(TOGETHER).unwrap_or_default().members;
        let mut part = |name: &String| parts.remove(name).unwrap_or_default();
        let (of, item, joined) = (part(of), part(item), part(&join.into));
        let page = self.page(ACT);
        self.tree(&page).merge(of);
        // A row of fewer has a larger part of what is kept of an answer.
        let rows = main().at(self.tool.output.rows.as_deref().unwrap_or_default());
        self.tree(&rows)
            .limit(usize::try_from(unfold.batch).unwrap_or(ROWS));
        let items = self.items(&page.at(&unfold.list), &[], ROWS);
        self.tree(&items).merge(item);
        let table = self.page("table").at(&join.at);
        let one = join.one.rows.as_deref().unwrap_or_default();
        for base in [table, Base::of("one").at(one).rows()] {
            self.tree(&base).merge(joined.clone());
        }
        let total = self.tool.output.total.as_deref().unwrap_or_default();
        self.whole(&Base::of("table").at(total));
    }

    /// Candidates, and what tells the object itself from them.
    pub(super) fn near(&mut self, near: &Near) {
        let tool = self.tool;
        let same = tool.steps();
        let same: Vec<String> = same
            .iter()
            .flat_map(|(_, step)| step.same.keys())
            .map(|key| format!("/{key}"))
            .collect();
        for (name, query) in &near.query {
            let base = match &query.rows {
                Some(rows) => Base::of(name).at(rows).rows(),
                None => Base::of(name),
            };
            for pointer in std::iter::once(&near.id).chain(&near.revision).chain(&same) {
                self.whole(&base.at(pointer));
            }
            self.fields(&base, &near.fields);
            self.checks(&base, query.checks().map(|(at, ..)| at));
        }
        // An answer before may be the object in another revision.
        for name in tool.before.keys() {
            if let Some(revision) = &near.revision {
                self.whole(&Base::of(self.shared(name)).at(revision));
            }
        }
    }
}
