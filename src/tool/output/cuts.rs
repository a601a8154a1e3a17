//! What a result lost on its way.

use vocabulary::{Expr, Make};

use crate::tool::project::Omissions;

/// What a result lost.
#[derive(Default)]
pub(super) struct Cuts {
    /// Of values that were not answered whole.
    pub(super) bytes: usize,
    /// Items of lists beyond their limit.
    pub(super) rows: usize,
    /// What was not even kept of the answers, until it is told.
    pub(super) lost: Omissions,
}

impl Cuts {
    /// Counts what was not kept of what `how` is made of; how many bytes of texts that is.
    pub(super) fn of(&mut self, how: &Make) -> usize {
        if self.lost.is_empty() {
            return 0;
        }
        let before = self.bytes;
        let mut told = |expr: &Expr| {
            let (Expr::Row(pointer) | Expr::Step(_, pointer)) = expr else {
                return;
            };
            for name in pointer.split('/') {
                let loss = self.lost.tell(name);
                self.rows = self.rows.saturating_add(loss.items);
                self.bytes = self.bytes.saturating_add(loss.bytes);
            }
        };
        match how {
            // A count of tasks takes its total from elsewhere, a text tells of its lines itself.
            Make::CountBy { at, .. } => told(at),
            Make::LineRange { .. } => {}
            // The fields of an object tell of themselves.
            other => other.parts().into_iter().for_each(|(at, _)| told(at)),
        }
        self.bytes - before
    }
}
