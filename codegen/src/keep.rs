//! What is used of each answer: a tree from every pointer of a tool.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{Check, Expr, Field, Make, Near, Step, Tool, Unfold, When};

/// Rows of a page.
const ROWS: usize = 100;
/// Rows that a strategy puts together of several answers.
const TOGETHER: &str = "row";

/// What is kept of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// All of it.
    pub whole: bool,
    /// Members.
    pub members: BTreeMap<String, Keep>,
    /// All of it, and nothing else is done with it than with labels.
    pub labels: bool,
    /// Of each row of a page, and of how many.
    pub each: Option<(Box<Keep>, usize)>,
    /// Of each item of another list.
    pub kinds: Option<Box<Kinds>>,
    /// How many tasks there are, those under these members of a task too.
    pub tree: Option<Vec<String>>,
}

/// What is kept of a list that is counted, or of which some items are picked: an answer may hold
/// any number of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Of each item.
    pub item: Keep,
    /// Where the texts stand by which items are counted and picked.
    pub by: BTreeSet<String>,
    /// How many items of a kind are shown; none where they are only counted.
    pub each: usize,
}

/// A member or an item of a list.
#[derive(Clone, Debug)]
enum Way {
    Member(String),
    Row,
    Item,
}

impl Keep {
    fn reach(&mut self, path: &[Way]) -> &mut Self {
        path.iter().fold(self, |keep, way| match way {
            Way::Member(name) => keep.members.entry(name.clone()).or_default(),
            Way::Row => &mut keep.each.get_or_insert_with(|| (Box::default(), ROWS)).0,
            // The rows of a page are few, and all are kept.
            Way::Item if keep.each.is_some() => keep.reach(&[Way::Row]),
            Way::Item => &mut keep.kinds.get_or_insert_default().item,
        })
    }

    /// The list at `path`.
    fn list(&mut self, path: &[Way], by: &[String], each: usize) {
        if let Some(kinds) = &mut self.reach(path).kinds {
            kinds.by.extend(by.iter().cloned());
            kinds.each = kinds.each.max(each);
        }
    }

    /// The same where pages are as their rows are kept: another part of the tool may say so later.
    fn settle(&mut self) {
        if let Some((row, _)) = &mut self.each
            && let Some(kinds) = self.kinds.take()
        {
            row.merge(kinds.item);
        }
        let inner = self.members.values_mut();
        let inner = inner.chain(self.each.as_mut().map(|(row, _)| &mut **row));
        let inner = inner.chain(self.kinds.as_mut().map(|kinds| &mut kinds.item));
        inner.for_each(Self::settle);
    }

    fn merge(&mut self, other: Self) {
        self.whole |= other.whole;
        self.labels |= other.labels;
        self.tree = self.tree.take().or(other.tree);
        for (name, keep) in other.members {
            self.members.entry(name).or_default().merge(keep);
        }
        match (&mut self.each, other.each) {
            (Some((row, _)), Some((others, _))) => row.merge(*others),
            (each @ None, others) => *each = others,
            (Some(_), None) => {}
        }
        match (&mut self.kinds, other.kinds) {
            (Some(kinds), Some(others)) => {
                kinds.item.merge(others.item);
                kinds.by.extend(others.by);
                kinds.each = kinds.each.max(others.each);
            }
            (kinds @ None, others) => *kinds = others,
            (Some(_), None) => {}
        }
    }
}

/// Where a pointer points into: a step's answer, and the way to it.
#[derive(Clone, Debug)]
struct Base {
    step: String,
    path: Vec<Way>,
}

/// Trees by step.
#[derive(Debug, Default)]
pub struct Keeps(BTreeMap<String, Keep>);

impl Keeps {
    /// The trees of `tool`.
    pub fn of(tool: &Tool, near: Option<&Near>) -> Self {
        let mut keeps = Self::default();
        let base = base(tool);
        for field in &tool.output.fields {
            keeps.field(tool, &base, field);
        }
        if let Some(total) = &tool.output.total {
            keeps.add(&main(), &members(total), true);
        }
        for (when, _) in &tool.refuse {
            keeps.when(tool, &main(), when);
        }
        for step in tool.steps.iter().chain(&tool.output.attach) {
            keeps.step(tool, &base, step);
        }
        if let Some(settle) = &tool.settle {
            keeps.add(&main(), &members(&settle.state), true);
        }
        if let Some(upsert) = &tool.upsert {
            for pointer in &upsert.pointers {
                keeps.add(&main(), &members(pointer), true);
            }
            // Read whole: it is Kestra's own list of faults.
            keeps.add(&step_base("validate"), &[], true);
        }
        for expr in &tool.output.order {
            keeps.expr(tool, &base, expr);
        }
        if let Some(unfold) = &tool.unfold {
            keeps.unfold(tool, unfold);
        }
        if let Some(follow) = &tool.follow {
            let [id, state, tasks, task_state] = &follow.pointers;
            keeps.add(&main(), &members(id), true);
            keeps.add(&main(), &members(state), true);
            if let Some((scheduled, _)) = &follow.scheduled {
                keeps.add(&main(), &members(scheduled), true);
            }
            let tasks = Base {
                path: members(tasks),
                ..main()
            };
            let by = std::slice::from_ref(task_state);
            let items = keeps.items(tasks, by, 1);
            keeps.add(&items, &members(task_state), true);
            if let Some(task) = &follow.task {
                keeps.add(&items, &members(task), true);
            }
            for step in ["latest", "describe"] {
                for pointer in follow.latest.iter().flatten() {
                    keeps.add(&step_base(step), &members(pointer), true);
                }
            }
            if let Expr::Step(step, pointer) = &follow.declared {
                let list = Base {
                    path: members(pointer),
                    ..step_base(step)
                };
                keeps.tree(&list, &follow.nested);
            }
        }
        if let Some(near) = near {
            for query in &near.queries {
                let base = answer_of(query);
                keeps.add(&base, &members(&near.id), true);
                if let Some((_, revision)) = &near.revision {
                    keeps.add(&base, &members(revision), true);
                }
                for field in &near.fields {
                    keeps.field(tool, &base, field);
                }
                for (pointer, _) in tool.steps.iter().flat_map(|step| &step.same) {
                    keeps.add(&base, &members(pointer), true);
                }
                keeps.checks(&base, &query.checks);
            }
        }
        keeps.0.values_mut().for_each(Keep::settle);
        keeps
    }

    /// The tree of a step; the main steps share one.
    pub fn get(&self, tool: &Tool, step: &str) -> Keep {
        let name = if tool.main_steps().contains(&step) {
            "answer"
        } else {
            step
        };
        self.0.get(name).cloned().unwrap_or_default()
    }

    fn add(&mut self, base: &Base, path: &[Way], whole: bool) {
        let keep = self
            .0
            .entry(base.step.clone())
            .or_default()
            .reach(&base.path)
            .reach(path);
        keep.whole |= whole;
    }

    fn step(&mut self, tool: &Tool, base: &Base, step: &Step) {
        let own = if step.rows.is_some() {
            rows_of(step)
        } else if tool.unfold.is_some() {
            page_of(tool, &step.name)
        } else if tool.main_steps().contains(&step.name.as_str()) {
            base.clone()
        } else {
            Base {
                step: step.name.clone(),
                path: Vec::new(),
            }
        };
        self.checks(&own, &step.checks);
        let object = if tool.main_steps().contains(&step.name.as_str()) {
            main()
        } else {
            own
        };
        for (pointer, expr) in &step.same {
            self.add(&object, &members(pointer), true);
            self.expr(tool, &main(), expr);
        }
        self.when(tool, &main(), &step.when);
        let mut visit = Vec::new();
        step.bind
            .iter()
            .for_each(|(_, _, bind)| bind.expressions(&mut |expr| visit.push(expr.clone())));
        visit.extend(step.filters.iter().map(|filter| filter.value.clone()));
        for expr in &visit {
            self.expr(tool, &main(), expr);
        }
    }

    fn checks(&mut self, base: &Base, checks: &[Check]) {
        for check in checks {
            for at in &check.at {
                let path = members(at);
                self.add(base, &path, false);
                let keep = self.0.entry(base.step.clone()).or_default();
                let keep = keep.reach(&base.path).reach(&path);
                // A filter knows labels as they are kept.
                keep.whole |= !keep.labels;
            }
        }
    }

    fn when(&mut self, tool: &Tool, base: &Base, when: &When) {
        let mut all = Vec::new();
        when.expressions(&mut |expr| all.push(expr.clone()));
        for expr in &all {
            self.expr(tool, base, expr);
        }
    }

    fn expr(&mut self, tool: &Tool, base: &Base, expr: &Expr) {
        if let Some((base, path)) = place(tool, base, expr) {
            self.add(&base, &path, true);
        }
    }

    /// The items of `list`, which are told apart by these texts; of each kind so many are shown.
    fn items(&mut self, list: Base, by: &[String], each: usize) -> Base {
        let mut items = list.clone();
        items.path.push(Way::Item);
        self.add(&items, &[], false);
        let keep = self.0.entry(list.step).or_default();
        keep.list(&list.path, by, each);
        items
    }

    /// How many tasks there are in `list`, with those under these members of one.
    fn tree(&mut self, list: &Base, nested: &[String]) {
        self.add(list, &[], false);
        let keep = self.0.entry(list.step.clone()).or_default();
        keep.reach(&list.path).tree = Some(nested.to_vec());
    }

    /// The items of the list at `expr`.
    fn items_at(
        &mut self,
        tool: &Tool,
        base: &Base,
        expr: &Expr,
        by: &[String],
        each: usize,
    ) -> Option<Base> {
        let (mut list, path) = place(tool, base, expr)?;
        list.path.extend(path);
        Some(self.items(list, by, each))
    }

    /// What is used of a row is used of the answers that it is put together of.
    fn unfold(&mut self, tool: &Tool, unfold: &Unfold) {
        let row = step_base(TOGETHER);
        let [of, item, into] = &unfold.members;
        let [list, by] = &unfold.pointers;
        self.checks(&row, &unfold.checks);
        self.when(tool, &row, &unfold.unless);
        let names = unfold.names.iter().map(|name| format!("/{of}{name}"));
        let on = unfold.on.iter();
        let on = on.flat_map(|(theirs, ours)| [format!("/{into}{theirs}"), ours.clone()]);
        for pointer in names.chain(on).chain([format!("/{item}{by}")]) {
            self.add(&row, &members(&pointer), true);
        }
        let mut parts = self.0.remove(TOGETHER).unwrap_or_default().members;
        let mut part = |name: &str| parts.remove(name).unwrap_or_default();
        let (of, item, state) = (part(of), part(item), part(into));
        let mut list_of = page_of(tool, "call");
        self.put(&list_of, of);
        let rows = members(tool.output.rows.as_deref().unwrap_or_default());
        let page = self.0.entry(list_of.step.clone()).or_default();
        if let Some((_, most)) = &mut page.reach(&rows).each {
            // A row of fewer has a larger part of what is kept of an answer.
            *most = usize::try_from(unfold.batch).unwrap_or(ROWS);
        }
        list_of.path.extend(members(list));
        let items = self.items(list_of, &[], ROWS);
        self.put(&items, item);
        for step in &tool.steps {
            let mut base = match step.name.as_str() {
                "table" => page_of(tool, "table"),
                "one" => rows_of(step),
                _ => continue,
            };
            if step.name == "table" {
                base.path.extend(members(&unfold.at));
                let total = tool.output.total.as_deref().unwrap_or_default();
                self.add(&step_base("table"), &members(total), true);
            }
            self.put(&base, state.clone());
        }
    }

    fn put(&mut self, base: &Base, keep: Keep) {
        self.add(base, &[], false);
        let place = self.0.entry(base.step.clone()).or_default();
        place.reach(&base.path).merge(keep);
    }

    fn field(&mut self, tool: &Tool, base: &Base, field: &Field) {
        self.when(tool, base, &field.when);
        self.make(tool, base, &field.make);
    }

    fn make(&mut self, tool: &Tool, base: &Base, make: &Make) {
        match make {
            Make::Plain(places) | Make::NoneOf(places) => {
                for expr in places {
                    self.expr(tool, base, expr);
                }
            }
            Make::Whole(expr, ..)
            | Make::LineRange(expr, _)
            | Make::Time(expr)
            | Make::InSet(expr, _)
            | Make::FirstLine(expr)
            | Make::InputSpec(expr)
            | Make::InputList(expr) => self.expr(tool, base, expr),
            Make::LabelMap(expr) => {
                if let Some((base, path)) = place(tool, base, expr) {
                    self.add(&base, &path, false);
                    let keep = self.0.entry(base.step).or_default();
                    keep.reach(&base.path).reach(&path).labels = true;
                }
            }
            Make::SecondsBetween(from, to) => {
                self.expr(tool, base, from);
                self.expr(tool, base, to);
            }
            Make::Count(expr) => {
                self.items_at(tool, base, expr, &[], 0);
            }
            Make::ShortTypes(expr, by) => {
                let kinds = std::slice::from_ref(by);
                if let Some(items) = self.items_at(tool, base, expr, kinds, ROWS) {
                    self.add(&items, &members(by), true);
                }
            }
            Make::CountBy {
                at,
                by,
                totals,
                nested,
            } => {
                let kinds = std::slice::from_ref(by);
                if let Some(items) = self.items_at(tool, base, at, kinds, 1) {
                    self.add(&items, &members(by), true);
                }
                for total in totals {
                    if let Some((mut tree, path)) = place(tool, base, total) {
                        tree.path.extend(path);
                        self.tree(&tree, nested);
                    }
                }
            }
            Make::Object(fields) => fields
                .iter()
                .for_each(|field| self.field(tool, base, field)),
            Make::Pick {
                at,
                only,
                fields,
                limit,
                ..
            } => {
                let each = usize::try_from(*limit).unwrap_or(ROWS);
                for at in at {
                    let Some(items) = self.items_at(tool, base, at, &told_by(only), each) else {
                        continue;
                    };
                    self.when(tool, &items, only);
                    for field in fields {
                        self.field(tool, &items, field);
                    }
                }
            }
            Make::First { at, only, give } => {
                if let Some(items) = self.items_at(tool, base, at, &told_by(only), 1) {
                    self.when(tool, &items, only);
                    self.add(&items, &members(give), true);
                }
            }
            Make::Seek { at, equals, .. } => {
                self.expr(tool, base, at);
                self.make(tool, base, equals);
            }
        }
    }
}

fn step_base(step: &str) -> Base {
    Base {
        step: step.to_owned(),
        path: Vec::new(),
    }
}

fn main() -> Base {
    Base {
        step: "answer".into(),
        path: Vec::new(),
    }
}

/// The texts of an item on which `only` depends.
fn told_by(only: &When) -> Vec<String> {
    let mut by = Vec::new();
    only.expressions(&mut |expr| {
        if let Expr::Row(pointer) = expr {
            by.push(pointer.clone());
        }
    });
    by
}

/// What a field's own pointers point into: the main answer, or each of its rows.
fn base(tool: &Tool) -> Base {
    if tool.unfold.is_some() {
        return step_base(TOGETHER);
    }
    match &tool.output.rows {
        Some(_) => page_of(tool, "call"),
        None => main(),
    }
}

/// Each row of a page that a step answers.
fn page_of(tool: &Tool, step: &str) -> Base {
    let main = tool.main_steps().contains(&step);
    let mut path = members(tool.output.rows.as_deref().unwrap_or_default());
    path.push(Way::Row);
    Base {
        step: if main { "answer" } else { step }.to_owned(),
        path,
    }
}

/// The rows of a step that gives some, otherwise all of its answer.
fn answer_of(step: &Step) -> Base {
    if step.rows.is_some() {
        rows_of(step)
    } else {
        step_base(&step.name)
    }
}

fn rows_of(step: &Step) -> Base {
    let mut path = members(step.rows.as_deref().unwrap_or_default());
    path.push(Way::Row);
    Base {
        step: step.name.clone(),
        path,
    }
}

/// Where `expr` points; none for what is no part of an answer.
fn place(tool: &Tool, base: &Base, expr: &Expr) -> Option<(Base, Vec<Way>)> {
    match expr {
        Expr::Row(pointer) => Some((base.clone(), members(pointer))),
        Expr::Step(step, pointer) => {
            let name = if tool.main_steps().contains(&step.as_str()) {
                "answer"
            } else {
                step
            };
            let attached = tool
                .output
                .attach
                .iter()
                .find(|attach| attach.name == *step);
            // The value of a step with rows is the list itself.
            let path = attached
                .and_then(|attach| attach.rows.as_deref())
                .map(members)
                .unwrap_or_default();
            Some((
                Base {
                    step: name.to_owned(),
                    path,
                },
                members(pointer),
            ))
        }
        Expr::Argument(_) | Expr::Document(_) | Expr::Constant(_) => None,
    }
}

fn members(pointer: &str) -> Vec<Way> {
    let names = pointer.split('/').skip(1);
    names
        .map(|name| Way::Member(name.replace("~1", "/").replace("~0", "~")))
        .collect()
}
