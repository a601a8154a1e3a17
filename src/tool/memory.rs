//! Room in memory for what Kestra sends: one budget for all calls, and what each of them holds.
//!
//! A call never waits for room: one that holds some and waits for more could wait for another that
//! does the same. A call without room fails, and frees what it holds.

mod budget;

use std::sync::{Arc, Mutex, PoisonError};

use super::error::Error;
use super::project::{Keep, Omissions};

pub use budget::{Budget, FACTOR, FIRST, Room};

/// What is kept of the answer to one request.
#[derive(Debug)]
struct Kept {
    /// Tells the request from others of the call. One that is sent again replaces its answer.
    request: &'static Keep,
    lost: Omissions,
    _room: Room,
}

#[derive(Debug, Default)]
struct Parts {
    /// Taken before a change was sent.
    ahead: Option<Room>,
    kept: Vec<Kept>,
    /// What was put together of several answers.
    rows: Option<Room>,
}

/// What one call holds of a budget, until it ends.
#[derive(Debug, Default)]
pub struct CallMemory {
    budget: Arc<Budget>,
    parts: Mutex<Parts>,
}

impl CallMemory {
    /// Nothing yet.
    pub fn new(budget: Arc<Budget>) -> Self {
        Self {
            budget,
            parts: Mutex::default(),
        }
    }

    fn parts(&self) -> std::sync::MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most bytes of an answer that there could ever be room for.
    pub fn longest(&self) -> usize {
        self.budget.most() / FACTOR
    }

    /// Takes room for the answer to a change, so that none is sent whose answer cannot be read.
    ///
    /// # Errors
    /// [`Error::NoRoom`] when the budget is used up.
    pub fn before_a_change(&self) -> Result<(), Error> {
        let mut parts = self.parts();
        if parts.ahead.is_none() {
            let room = Room::of(&self.budget, FIRST).ok_or(Error::NoRoom)?;
            parts.ahead = Some(room);
        }
        Ok(())
    }

    /// Room for an answer that begins: what was taken ahead, else a first part.
    pub fn begin(&self, declared: Option<usize>) -> Option<Room> {
        let ahead = self.parts().ahead.take();
        match (ahead, declared) {
            (None, Some(bytes)) => Room::of(&self.budget, bytes.saturating_mul(FACTOR)),
            (None, None) => Room::of(&self.budget, FIRST),
            (Some(mut room), Some(bytes)) => room.declare(bytes).then_some(room),
            (Some(room), None) => Some(room),
        }
    }

    /// What was kept of the answer to `request` takes `bytes` from now on; what an earlier answer
    /// to it took is free.
    pub fn keep(&self, request: &'static Keep, room: Room, bytes: usize, lost: Omissions) -> bool {
        let mut room = room;
        if !room.resize(bytes) {
            return false;
        }
        let kept = Kept {
            request,
            lost,
            _room: room,
        };
        let mut parts = self.parts();
        let known = parts
            .kept
            .iter_mut()
            .find(|known| std::ptr::eq(known.request, request));
        match known {
            Some(known) => *known = kept,
            None => parts.kept.push(kept),
        }
        true
    }

    /// Takes `bytes` for what is put together of several answers, beside what is kept of each.
    ///
    /// # Errors
    /// [`Error::NoRoom`] when the budget is used up.
    pub fn hold(&self, bytes: usize) -> Result<(), Error> {
        let mut parts = self.parts();
        let held = match &mut parts.rows {
            Some(room) => {
                let all = room.bytes().saturating_add(bytes);
                room.resize(all)
            }
            rows @ None => {
                *rows = Room::of(&self.budget, bytes);
                rows.is_some()
            }
        };
        if held { Ok(()) } else { Err(Error::NoRoom) }
    }

    /// What was left out of the answers, all of them together.
    pub fn lost(&self) -> Omissions {
        let parts = self.parts();
        let mut all = Omissions::default();
        for kept in &parts.kept {
            all.add(&kept.lost);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::budget::STEP;
    use super::*;

    static ONE: Keep = Keep::Whole;
    static OTHER: Keep = Keep::Count;

    fn held(most: usize) -> (Arc<Budget>, CallMemory) {
        let budget = Arc::new(Budget::new(most));
        (Arc::clone(&budget), CallMemory::new(budget))
    }

    #[test]
    fn what_does_not_fit_is_not_given_and_changes_nothing() {
        let (budget, held) = held(10 << 20);
        let mut first = held.begin(None).unwrap();
        assert_eq!(budget.used(), FIRST);
        assert!(held.begin(Some(5 << 20)).is_none());
        assert!(!first.reach(6 << 20) && !first.declare(usize::MAX));
        assert_eq!(budget.used(), FIRST);
        assert!(first.reach(4 << 20));
        assert_eq!(budget.used(), (8 << 20) + STEP);
        drop(first);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn room_of_before_a_change_is_the_room_of_its_answer() {
        let (budget, held) = held(FIRST);
        held.before_a_change().unwrap();
        held.before_a_change().unwrap();
        assert_eq!(budget.used(), FIRST);
        let room = held.begin(Some(100)).unwrap();
        assert_eq!(budget.used(), 200);
        drop(room);
        let taken = held.begin(None);
        assert!(matches!(held.before_a_change(), Err(Error::NoRoom)));
        drop(taken);
    }

    #[test]
    fn what_is_put_together_takes_room_until_the_call_ends() {
        let (budget, held) = held(100);
        held.hold(40).unwrap();
        held.hold(60).unwrap();
        assert!(matches!(held.hold(1), Err(Error::NoRoom)));
        assert_eq!(budget.used(), 100);
        drop(held);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn an_answer_replaces_the_one_before_it_and_all_end_with_the_call() {
        let (budget, held) = held(10 << 20);
        let keep = |request, bytes| {
            let room = held.begin(None).unwrap();
            assert!(held.keep(request, room, bytes, Omissions::default()));
        };
        for _ in 0..50 {
            keep(&ONE, 1 << 20);
        }
        keep(&OTHER, 7);
        assert_eq!(budget.used(), (1 << 20) + 7);
        drop(held);
        assert_eq!(budget.used(), 0);
    }
}
