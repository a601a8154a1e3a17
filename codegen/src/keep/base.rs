//! Places inside of answers.

use vocabulary::tool::ANSWER;

use super::tree::Segment;

/// Rows that are put together of several answers.
pub(super) const TOGETHER: &str = "row";

/// Where a pointer points into: a step's answer, and the segment to it.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub(super) step: String,
    pub(super) path: Vec<Segment>,
}

impl Base {
    pub(super) fn of(step: &str) -> Self {
        Self {
            step: step.to_owned(),
            path: Vec::new(),
        }
    }

    /// What `pointer` in it points at.
    pub(super) fn at(&self, pointer: &str) -> Self {
        let mut at = self.clone();
        at.path.extend(members(pointer));
        at
    }

    pub(super) fn rows(mut self) -> Self {
        self.path.push(Segment::Row);
        self
    }

    pub(super) fn items(mut self) -> Self {
        self.path.push(Segment::Item);
        self
    }
}

pub(super) fn main() -> Base {
    Base::of(ANSWER)
}

fn members(pointer: &str) -> impl Iterator<Item = Segment> {
    let names = pointer.split('/').skip(1);
    names.map(|name| Segment::Member(name.replace("~1", "/").replace("~0", "~")))
}
