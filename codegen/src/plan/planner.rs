//! What every check looks at, and where it notes its faults.

use vocabulary::{Manifest, Tool};

use crate::document::Document;
use crate::overlay::Editions;
use crate::read::{File, Spot, Unread};

pub(super) struct Planner<'a> {
    pub(super) file: File<'a>,
    pub(super) manifest: &'a Manifest,
    pub(super) document: &'a Document,
    pub(super) editions: &'a Editions,
    pub(super) unread: &'a Unread,
}

/// Which page of a search is to be read, and which of its rows.
pub(super) const UNFOLD: &str = "unfold";

/// What there is when something is evaluated.
#[derive(Clone, Default)]
pub(super) struct Known<'a> {
    pub(super) arguments: Vec<&'a str>,
    pub(super) steps: Vec<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn and(&self, steps: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known = self.clone();
        known.steps.extend(steps);
        known
    }
}

impl Planner<'_> {
    pub(super) fn fault(
        &self,
        tool: &Tool,
        place: impl Into<Spot>,
        message: impl std::fmt::Display,
    ) {
        self.file.fault(&tool.name, place, message);
    }

    pub(super) fn line(&self) -> &str {
        self.document.line.as_deref().unwrap_or("?")
    }
}
