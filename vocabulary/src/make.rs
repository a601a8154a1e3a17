//! The small functions that make fields. A new function is a variant of [`Make`] here, with its keys
//! in [`Make::parts`] and its row in the table of `written`, and an arm of the server.

mod written;

use serde_json::Value;

use crate::field::resolve;
use crate::visit::Visit;
use crate::{Expr, Fields, Many, Sets, Type, When, Words};

/// What a field is made of.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "what each key is stands where it is read")]
pub enum Make {
    /// The first of several places that holds anything.
    Plain { at: Many<Expr> },
    /// A text that is never cut: an error above this many bytes.
    Whole {
        at: Expr,
        most: usize,
        /// The lines of it that were asked for, and from how many bytes on it is told that there
        /// are such.
        lines: Option<(Expr, usize)>,
    },
    /// Which lines of a text were asked for, of how many.
    LineRange { at: Expr, range: Expr },
    /// An instant.
    Time { at: Expr },
    /// From one instant to another.
    SecondsBetween { from: Expr, to: Expr },
    /// Whether a text is one of these.
    InSet { at: Expr, set: Words },
    /// Whether none of several places holds true.
    NoneOf { at: Many<Expr> },
    /// Labels as an object, without those of the system.
    LabelMap { at: Expr },
    /// The first line of a text.
    FirstLine { at: Expr },
    /// `id:TYPE` of flow inputs.
    InputSpec { at: Expr },
    /// Flow inputs as objects.
    InputList { at: Expr },
    /// The last words of class names in a list.
    ShortTypes { at: Expr, by: String },
    /// How many items.
    Count { at: Expr },
    /// How many items by a text of each, and in all: what the first of `total` says that holds
    /// anything, else how many items there are.
    CountBy {
        at: Expr,
        by: String,
        total: Many<Expr>,
        /// The members of a task under which tasks stand; `name/*` is a member whose own members
        /// hold them.
        nested: Vec<String>,
    },
    /// Fields of its own.
    Object { fields: Fields },
    /// Items of a list as objects.
    Pick {
        /// The lists, one after the other.
        at: Many<Expr>,
        only: When,
        /// Last first.
        reverse: bool,
        limit: usize,
        fields: Fields,
    },
    /// Something of the first item that fits.
    First { at: Expr, only: When, give: String },
    /// Something of the object that is found by its key in a tree.
    Seek {
        at: Expr,
        key: String,
        equals: Box<Make>,
        give: String,
        inputs: bool,
    },
}

/// What is used of a place by what is made of it.
#[derive(Clone, Debug)]
pub enum Use<'m> {
    /// Nothing of an answer: an argument.
    Argument,
    /// All of it.
    Whole,
    /// Labels.
    Labels,
    /// How many items it has, of tasks with those under these members.
    Tree(&'m [String]),
    /// Its items: those texts tell them apart, so many of a kind are shown, and of each this is used.
    Items {
        /// Where the texts stand by which items are counted and picked.
        by: Vec<&'m str>,
        /// How many of a kind are shown; none where they are only counted.
        each: usize,
        /// What is used of each besides.
        give: Option<&'m str>,
        /// Which items.
        only: Option<&'m When>,
        /// What is made of each.
        fields: Option<&'m Fields>,
    },
}

/// Rows of a page, and items of a list of which as many may be shown.
pub const ROWS: usize = 100;

impl Make {
    /// A value as it is.
    pub fn of(value: Value) -> Self {
        Self::Plain {
            at: Many(vec![value.into()]),
        }
    }

    /// The reference that this is, where it is no more.
    pub fn as_expr(&self) -> Option<&Expr> {
        match self {
            Self::Plain { at } => match &**at {
                [one] => Some(one),
                _ => None,
            },
            _ => None,
        }
    }

    /// Every place that it is made of, and what it uses of it.
    pub fn parts(&self) -> Vec<(&Expr, Use<'_>)> {
        let items = |by: Vec<_>, each, give, only, fields| Use::Items {
            by,
            each,
            give,
            only,
            fields,
        };
        match self {
            Self::Plain { at } | Self::NoneOf { at } => {
                at.iter().map(|at| (at, Use::Whole)).collect()
            }
            Self::Whole { at, lines, .. } => {
                let lines = lines.iter().map(|(lines, _)| (lines, Use::Argument));
                std::iter::once((at, Use::Whole)).chain(lines).collect()
            }
            Self::LineRange { at, range } => vec![(at, Use::Whole), (range, Use::Argument)],
            Self::Time { at }
            | Self::InSet { at, .. }
            | Self::FirstLine { at }
            | Self::InputSpec { at }
            | Self::InputList { at } => {
                vec![(at, Use::Whole)]
            }
            Self::SecondsBetween { from, to } => vec![(from, Use::Whole), (to, Use::Whole)],
            Self::LabelMap { at } => vec![(at, Use::Labels)],
            Self::ShortTypes { at, by } => vec![(at, items(vec![by], ROWS, Some(by), None, None))],
            Self::Count { at } => vec![(at, items(Vec::new(), 0, None, None, None))],
            Self::CountBy {
                at,
                by,
                total,
                nested,
            } => {
                let total = total.iter().map(|total| (total, Use::Tree(nested)));
                std::iter::once((at, items(vec![by], 1, Some(by), None, None)))
                    .chain(total)
                    .collect()
            }
            Self::Object { .. } => Vec::new(),
            Self::Pick {
                at,
                only,
                fields,
                limit,
                ..
            } => {
                let by = told_by(only);
                at.iter()
                    .map(|at| {
                        (
                            at,
                            items(by.clone(), *limit, None, Some(only), Some(fields)),
                        )
                    })
                    .collect()
            }
            Self::First { at, only, give } => {
                vec![(at, items(told_by(only), 1, Some(give), Some(only), None))]
            }
            Self::Seek { at, .. } => vec![(at, Use::Whole)],
        }
    }

    /// Fields of its own that point into the same value as it does.
    pub const fn inner(&self) -> Option<&Fields> {
        match self {
            Self::Object { fields } => Some(fields),
            _ => None,
        }
    }

    /// The JSON type of what it makes; none where the manifest must say it.
    pub const fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Plain { .. } | Self::First { .. } => return None,
            Self::Whole { .. }
            | Self::LineRange { .. }
            | Self::Time { .. }
            | Self::FirstLine { .. } => Type::String,
            Self::SecondsBetween { .. } => Type::Number,
            Self::InSet { .. } | Self::NoneOf { .. } => Type::Boolean,
            Self::Count { .. } => Type::Integer,
            Self::LabelMap { .. } | Self::CountBy { .. } | Self::Object { .. } => Type::Object,
            Self::InputSpec { .. }
            | Self::InputList { .. }
            | Self::ShortTypes { .. }
            | Self::Pick { .. }
            | Self::Seek { .. } => Type::Array,
        })
    }

    /// Whether only this server can have written what it makes.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Time { .. }
            | Self::SecondsBetween { .. }
            | Self::InSet { .. }
            | Self::NoneOf { .. }
            | Self::Count { .. }
            | Self::CountBy { .. }
            | Self::LineRange { .. } => true,
            Self::Plain { at } => {
                !at.is_empty() && at.iter().all(|at| matches!(at, Expr::Constant(_)))
            }
            _ => false,
        }
    }

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

/// The texts of an item on which `only` depends.
fn told_by(only: &When) -> Vec<&str> {
    let mut by = Vec::new();
    only.expressions(&mut |expr| {
        if let Expr::Row(pointer) = expr {
            by.push(pointer.as_str());
        }
    });
    by
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
