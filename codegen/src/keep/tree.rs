//! What is used of a value, while it is put together.

use std::collections::{BTreeMap, BTreeSet};

use vocabulary::Keep;
use vocabulary::make::ROWS;

/// A member or an item of a list.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Member(String),
    Row,
    Item,
}

/// What is used of a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// All of it.
    pub(super) whole: bool,
    /// All of it, and nothing else is done with it than with labels.
    pub(super) labels: bool,
    /// How many tasks there are, those under these members of a task too.
    pub(super) tasks: Option<Vec<String>>,
    /// Members.
    pub(super) members: BTreeMap<String, Tree>,
    /// Of each row of a page, and of how many.
    each: Option<(Box<Tree>, usize)>,
    /// Of each item of another list.
    kinds: Option<Box<Kinds>>,
}

/// What is used of a list that is counted, or of which some items are picked: an answer may hold any
/// number of them.
#[derive(Clone, Debug, Default)]
struct Kinds {
    /// Of each item.
    item: Tree,
    /// Where the texts stand by which items are counted and picked.
    by: BTreeSet<String>,
    /// How many items of a kind are shown; none where they are only counted.
    each: usize,
}

impl Tree {
    pub(super) fn reach(&mut self, path: &[Segment]) -> &mut Self {
        path.iter().fold(self, |tree, segment| match segment {
            Segment::Member(name) => tree.members.entry(name.clone()).or_default(),
            Segment::Row => &mut tree.each.get_or_insert_with(|| (Box::default(), ROWS)).0,
            // The rows of a page are few, and all are kept.
            Segment::Item if tree.each.is_some() => tree.reach(&[Segment::Row]),
            Segment::Item => &mut tree.kinds.get_or_insert_default().item,
        })
    }

    /// It is a list whose items are told apart by these texts; of each kind so many are shown.
    pub(super) fn told_by(&mut self, by: &[&str], each: usize) {
        if let Some(kinds) = &mut self.kinds {
            kinds.by.extend(by.iter().map(|&by| by.to_owned()));
            kinds.each = kinds.each.max(each);
        }
    }

    /// It is a page of at most so many rows.
    pub(super) fn limit(&mut self, rows: usize) {
        if let Some((_, most)) = &mut self.each {
            *most = rows;
        }
    }

    /// The same where pages are as their rows are kept: another part of the tool may say so later.
    pub(super) fn settle(&mut self) {
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

    pub(super) fn merge(&mut self, other: Self) {
        self.whole |= other.whole;
        self.labels |= other.labels;
        self.tasks = self.tasks.take().or(other.tasks);
        for (name, tree) in other.members {
            self.members.entry(name).or_default().merge(tree);
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

    /// As the server reads it.
    pub(super) fn keep(&self) -> Keep {
        if self.whole {
            return Keep::Whole;
        }
        if self.labels {
            return Keep::Labels;
        }
        if let Some(nested) = &self.tasks {
            return Keep::Tree(nested.clone());
        }
        if let Some(Kinds { item, by, each }) = self.kinds.as_deref() {
            return match each {
                0 => Keep::Count,
                each => Keep::Kinds {
                    item: Box::new(item.keep()),
                    by: by.iter().cloned().collect(),
                    each: *each,
                },
            };
        }
        if let Some((row, most)) = &self.each {
            return Keep::Each(Box::new(row.keep()), *most);
        }
        if self.members.is_empty() {
            return Keep::Presence;
        }
        Keep::Members(
            self.members
                .iter()
                .map(|(name, tree)| (name.clone(), tree.keep()))
                .collect(),
        )
    }
}
