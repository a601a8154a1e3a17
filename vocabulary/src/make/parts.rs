//! The places that a value is made of, and what it uses of each.

use super::{Fields, Make};
use crate::visit::Visit as _;
use crate::{Expr, When};

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
