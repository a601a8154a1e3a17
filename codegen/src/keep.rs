//! What is used of each answer: a tree from every pointer of a tool.

mod tree;

use std::collections::BTreeMap;

use vocabulary::make::ROWS;
use vocabulary::tool::{ACT, ANSWER};
use vocabulary::{
    Bind, Expr, Field, Fields, Keep, Make, Near, Save, Settle, Step, Target, Tool, Unfold, Use,
    Visit,
};

use self::tree::{Tree, Way};

/// Rows that are put together of several answers.
const TOGETHER: &str = "row";

/// Where a pointer points into: a step's answer, and the way to it.
#[derive(Clone, Debug)]
struct Base {
    step: String,
    path: Vec<Way>,
}

impl Base {
    fn of(step: &str) -> Self {
        Self {
            step: step.to_owned(),
            path: Vec::new(),
        }
    }

    /// What `pointer` in it points at.
    fn at(&self, pointer: &str) -> Self {
        let mut at = self.clone();
        at.path.extend(members(pointer));
        at
    }

    fn rows(mut self) -> Self {
        self.path.push(Way::Row);
        self
    }

    fn items(mut self) -> Self {
        self.path.push(Way::Item);
        self
    }
}

fn main() -> Base {
    Base::of(ANSWER)
}

fn members(pointer: &str) -> impl Iterator<Item = Way> {
    let names = pointer.split('/').skip(1);
    names.map(|name| Way::Member(name.replace("~1", "/").replace("~0", "~")))
}

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

    /// What the checks of a step are about.
    fn checked(&self, base: &Base, name: &str, step: &Step) -> Base {
        match &step.rows {
            Some(rows) => Base::of(self.shared(name)).at(rows).rows(),
            None if self.tool.unfold.is_some() && matches!(name, ACT | "table") => self.page(name),
            None if self.tool.is_main(name) => base.clone(),
            None => Base::of(name),
        }
    }

    fn step(&mut self, base: &Base, name: &str, step: &Step) {
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

    fn checks<'c>(&mut self, base: &Base, checks: impl Iterator<Item = &'c [String]>) {
        for at in checks.flatten() {
            let tree = self.tree(&base.at(at));
            // A filter knows labels as they are kept.
            tree.whole |= !tree.labels;
        }
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

    fn fields(&mut self, base: &Base, fields: &Fields) {
        for field in fields.values() {
            self.field(base, field);
        }
    }

    fn field(&mut self, base: &Base, field: &Field) {
        self.visit(base, &field.when);
        self.make(base, &field.make);
    }

    fn make(&mut self, base: &Base, make: &Make) {
        for (expr, used) in make.parts() {
            let Some(place) = self.place(base, expr) else {
                continue;
            };
            match used {
                Use::Argument => {}
                Use::Whole => self.whole(&place),
                Use::Labels => self.tree(&place).labels = true,
                Use::Tree(nested) => self.tree(&place).tasks = Some(nested.to_vec()),
                Use::Items {
                    by,
                    each,
                    give,
                    only,
                    fields,
                } => {
                    let items = self.items(&place, &by, each);
                    if let Some(only) = only {
                        self.visit(&items, only);
                    }
                    if let Some(give) = give {
                        self.whole(&items.at(give));
                    }
                    if let Some(fields) = fields {
                        self.fields(&items, fields);
                    }
                }
            }
        }
        if let Some(fields) = make.inner() {
            self.fields(base, fields);
        }
        if let Make::Seek { equals, .. } = make {
            self.make(base, equals);
        }
    }

    /// The items of a list, which are told apart by these texts; of each kind so many are shown.
    fn items(&mut self, list: &Base, by: &[&str], each: usize) -> Base {
        let items = list.clone().items();
        self.tree(&items);
        self.tree(list).told_by(by, each);
        items
    }

    fn settle(&mut self, settle: &Settle) {
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

    fn save(&mut self, save: &Save) {
        for pointer in [&save.stored, &save.revision] {
            self.whole(&main().at(pointer));
        }
        // Read whole: it is Kestra's own list of faults.
        self.whole(&Base::of("validate"));
    }

    /// What is used of a row is used of the answers that it is put together of.
    fn unfold(&mut self, unfold: &Unfold) {
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
    fn near(&mut self, near: &Near) {
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
