//! One budget of bytes for all calls, and the parts of it that are taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is taken for an answer while it is read, as a multiple of its bytes once they are unpacked:
/// the bytes themselves, and as many for the decoder and for what is kept of them. A call takes 1.0
/// to 1.3 times an answer of 16 MiB (`cargo bench --bench memory`), and what it keeps of a shorter
/// one is counted as it is.
pub const FACTOR: usize = 2;
/// Taken for an answer that does not say how long it is, and before a change is sent.
pub const FIRST: usize = 1 << 20;
/// What is taken at a time when an answer turns out to be longer.
pub(super) const STEP: usize = 1 << 20;

/// The bytes that all calls together may take for answers of Kestra.
#[derive(Debug)]
pub struct Budget {
    most: usize,
    used: AtomicUsize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

impl Budget {
    /// What holds unless it is set.
    pub const DEFAULT: usize = 256 << 20;

    /// Of `most` bytes.
    pub const fn new(most: usize) -> Self {
        Self {
            most,
            used: AtomicUsize::new(0),
        }
    }

    /// All of it.
    pub const fn most(&self) -> usize {
        self.most
    }

    /// What calls hold now.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let free = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.most);
        let (set, fetched) = (Ordering::Relaxed, Ordering::Relaxed);
        self.used.fetch_update(set, fetched, free).is_ok()
    }
}

/// A part of a [`Budget`], given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Room {
    pub(super) fn of(budget: &Arc<Budget>, bytes: usize) -> Option<Self> {
        budget.take(bytes).then(|| Self {
            budget: Arc::clone(budget),
            bytes,
        })
    }

    /// Makes it `bytes` large; more only if that is free now.
    pub(super) fn resize(&mut self, bytes: usize) -> bool {
        match bytes.checked_sub(self.bytes) {
            Some(more) if !self.budget.take(more) => return false,
            Some(_) => {}
            None => {
                let less = self.bytes.saturating_sub(bytes);
                self.budget.used.fetch_sub(less, Ordering::Relaxed);
            }
        }
        self.bytes = bytes;
        true
    }

    /// How large it is.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes room for an answer that says that it has `bytes`.
    pub fn declare(&mut self, bytes: usize) -> bool {
        self.resize(bytes.saturating_mul(FACTOR))
    }

    /// Makes room for the `bytes` of an answer that have come so far.
    pub fn reach(&mut self, bytes: usize) -> bool {
        let needed = bytes.saturating_mul(FACTOR);
        let ahead = needed.saturating_add(STEP).min(self.budget.most);
        needed <= self.bytes || self.resize(ahead.max(needed))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
