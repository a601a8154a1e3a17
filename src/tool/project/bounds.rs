//! How much is kept of an answer of Kestra, and what was left out.

use std::cell::{Cell, RefCell};

use vocabulary::Keep;

use crate::secret::Redactor;
use crate::tool::body::Guide;
use crate::tool::cut;

/// Bytes of memory for lists and objects of an answer, however short it is. A page of 100 rows
/// with 50 labels each takes half as many; a result shows 64 KiB of JSON.
const LEAST: usize = 3 << 19;
/// The same, however long the answer is.
const MOST: usize = 4 << 20;
/// Of these, the least for one row of a page.
const ROW: usize = 4 << 10;
/// Bytes of one text. A source of 256 KiB is the longest that a tool passes on.
const TEXT: usize = 384 << 10;
/// The same where no room is left for more.
const SHORT: usize = 4 << 10;
/// Bytes of a member's name.
const NAME: usize = 1 << 10;
/// Left out at the end of a text that is cut: half a secret, which no search would find.
const STRADDLING: usize = 64 << 10;

/// What an object takes with up to 11 members, and each one beyond: a node of a tree.
const NODE: usize = 640;
const MEMBERS_OF_NODE: usize = 11;
const MEMBER: usize = 112;
/// What an item of a list takes: twice its size, as a list grows by doubling.
pub(super) const ITEM: usize = 64;

/// What was left out of one part of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Omission {
    /// Items, members and values that lay too deep.
    pub items: usize,
    /// Bytes of texts.
    pub bytes: usize,
}

/// What was left out of answers, by the names of the members in which it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Omissions(Vec<(&'static str, Omission)>);

impl Omissions {
    /// What was left out under `name`.
    pub fn of(name: &'static str, loss: Omission) -> Self {
        Self(vec![(name, loss)])
    }

    /// Whether all was kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was left out under `name`, said once.
    pub fn tell(&mut self, name: &str) -> Omission {
        let found = self.0.iter_mut().find(|(known, _)| *known == name);
        found
            .map(|(_, loss)| std::mem::take(loss))
            .unwrap_or_default()
    }

    fn put(&mut self, name: &'static str, loss: Omission) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => {
                known.items = known.items.saturating_add(loss.items);
                known.bytes = known.bytes.saturating_add(loss.bytes);
            }
            None => self.0.push((name, loss)),
        }
    }

    /// Adds the omissions of `other`.
    pub fn add(&mut self, other: &Self) {
        for (name, loss) in &other.0 {
            self.put(name, *loss);
        }
    }
}

/// What may still be kept of one answer.
#[derive(Debug)]
pub struct Bounds<'s> {
    pub(super) guide: Guide,
    left: Cell<usize>,
    spent: Cell<usize>,
    /// Lists around what is read.
    lists: Cell<usize>,
    /// The member that is read.
    name: Cell<&'static str>,
    lost: RefCell<Omissions>,
    secrets: &'s Redactor,
}

impl<'s> Bounds<'s> {
    /// For a body of `bytes`, whose texts are searched for `secrets` before they are cut.
    pub fn of(bytes: usize, secrets: &'s Redactor) -> Self {
        let guide = Guide::default();
        guide.limit.set(TEXT);
        Self {
            guide,
            left: Cell::new(bytes.clamp(LEAST, MOST)),
            spent: Cell::new(0),
            lists: Cell::new(0),
            name: Cell::new(""),
            lost: RefCell::default(),
            secrets,
        }
    }

    /// Bytes of memory that what was kept takes, about.
    pub fn spent(&self) -> usize {
        self.spent.get()
    }

    /// What was left out.
    pub fn into_lost(self) -> Omissions {
        self.lost.into_inner()
    }

    pub(super) fn has_room(&self) -> bool {
        self.left.get() > 0
    }

    pub(super) fn charge(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
        self.spent.set(self.spent.get() + bytes);
    }

    /// Takes the room of an object with one more member than `before`.
    pub(super) fn charge_member(&self, before: usize) {
        match before {
            0 => self.charge(NODE),
            1..MEMBERS_OF_NODE => {}
            _ => self.charge(MEMBER),
        }
    }

    pub(super) fn charge_members(&self, count: usize) {
        if count > 0 {
            self.charge(NODE);
        }
    }

    /// Reads a part, such as the inputs of an execution, with half of what is left: what follows
    /// must not be lost because of it.
    pub(super) fn part<T>(&self, read: impl FnOnce() -> T) -> T {
        let aside = self.left.get() / 2;
        self.left.set(self.left.get() - aside);
        let deep = self.guide.deep.get();
        let part = read();
        self.put_back(aside);
        let deep = self.guide.deep.get() - deep;
        if deep > 0 {
            self.lose_items(deep);
        }
        part
    }

    /// Sets aside what is for the rows after the next, of `rows` that are to come.
    pub(super) fn set_aside(&self, rows: usize) -> usize {
        let left = self.left.get();
        let share = (left / rows.max(1)).max(ROW).min(left);
        self.left.set(share);
        left - share
    }

    pub(super) fn put_back(&self, aside: usize) {
        self.left.set(self.left.get() + aside);
    }

    /// Reads an item of a list.
    pub(super) fn item<T>(&self, read: impl FnOnce() -> T) -> T {
        self.lists.set(self.lists.get() + 1);
        self.expect_text();
        let item = read();
        self.lists.set(self.lists.get() - 1);
        item
    }

    /// What is taken and spent now, to go back to when an item is dropped.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.left.get(), self.spent.get())
    }

    pub(super) fn go_back(&self, (left, spent): (usize, usize)) {
        self.left.set(left);
        self.spent.set(spent);
    }

    pub(super) fn name(&self) -> &'static str {
        self.name.get()
    }

    pub(super) fn set_name(&self, name: &'static str) {
        self.name.set(name);
    }

    /// A member's name comes next.
    pub(super) fn expect_name(&self) {
        self.guide.cut.set(false);
        self.guide.limit.set(NAME);
    }

    /// The value of a named member comes next.
    pub(super) fn expect_named(&self, name: &'static str, keep: &Keep) {
        if !matches!(keep, Keep::Members(_)) {
            self.name.set(name);
        }
        self.expect_text();
    }

    /// A value comes next that may be a text. What stands alone is kept as long as it may be, what
    /// stands in a list as long as there is room.
    pub(super) fn expect_text(&self) {
        self.guide.cut.set(false);
        let limit = if self.lists.get() == 0 {
            TEXT
        } else {
            self.left.get().clamp(SHORT, TEXT)
        };
        self.guide.limit.set(limit);
    }

    pub(super) fn lose_items(&self, items: usize) {
        let loss = Omission { items, bytes: 0 };
        self.lost.borrow_mut().put(self.name.get(), loss);
    }

    /// `text` as it is kept. One that was cut is searched for secrets before its end is left out.
    pub(super) fn text(&self, text: &str) -> String {
        if !self.guide.cut.take() {
            self.charge(text.len());
            return text.to_owned();
        }
        let seen = cut::clean(text, self.secrets);
        let end = seen.floor_char_boundary(seen.len().saturating_sub(STRADDLING));
        let (start, _) = seen.split_at(end);
        let kept = format!("{start}…");
        let bytes = self.guide.bytes.take() + text.len().saturating_sub(kept.len());
        let loss = Omission { items: 0, bytes };
        self.lost.borrow_mut().put(self.name.get(), loss);
        self.charge(kept.len());
        kept
    }
}
