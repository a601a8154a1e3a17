//! The delivery of one answer to its client: whether the client waits for it, what it must name, and
//! whether it was taken.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_util::sync::CancellationToken;

/// Called once it is known whether the client took the answer.
type Hook = Box<dyn FnOnce(bool) + Send>;

/// What a call has started: every answer names it from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The field by which answers name it.
    pub name: &'static str,
    /// Its id.
    pub id: Arc<str>,
    /// How to see how it ends, for the model.
    pub next: &'static str,
}

impl fmt::Display for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, id, next } = self;
        write!(f, "{name} {id} was started: {next}.")
    }
}

/// How far the answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Taken,
    Lost,
}

/// The delivery of one answer. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Delivery(Arc<Inner>);

struct Inner {
    gone: CancellationToken,
    started: OnceLock<Started>,
    state: Mutex<(Fate, Vec<Hook>)>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("gone", &self.gone.is_cancelled())
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self::until(CancellationToken::new())
    }
}

impl Delivery {
    /// To a client that waits until `gone` fires.
    pub fn until(gone: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            gone,
            started: OnceLock::new(),
            state: Mutex::new((Fate::Open, Vec::new())),
        }))
    }

    fn with<T>(&self, act: impl FnOnce(&mut (Fate, Vec<Hook>)) -> T) -> T {
        // A word and a list are whole after any panic.
        act(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is the same way.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Fires when the client stops waiting.
    pub fn gone(&self) -> &CancellationToken {
        &self.0.gone
    }

    /// Notes what the call has started; there is one such thing.
    pub fn start(&self, started: Started) {
        // A second one would not be ours to tell.
        let _ = self.0.started.set(started);
    }

    /// What the call has started.
    pub fn started(&self) -> Option<&Started> {
        self.0.started.get()
    }

    /// Runs `hook` when it is known whether the answer was taken.
    pub fn at_end(&self, hook: impl FnOnce(bool) + Send + 'static) {
        let hook: Hook = Box::new(hook);
        let ended = self.with(|(fate, hooks)| match fate {
            Fate::Open => {
                hooks.push(hook);
                None
            }
            fate => Some((hook, *fate == Fate::Taken)),
        });
        if let Some((hook, taken)) = ended {
            hook(taken);
        }
    }

    /// The answer was handed over, or nobody was there to take it. The first word counts, and who
    /// took the call back takes no answer.
    pub fn end(&self, taken: bool) {
        let taken = taken && !self.0.gone.is_cancelled();
        let hooks = self.with(|(fate, hooks)| {
            if *fate != Fate::Open {
                return Vec::new();
            }
            *fate = if taken { Fate::Taken } else { Fate::Lost };
            std::mem::take(hooks)
        });
        for hook in hooks {
            hook(taken);
        }
    }

    /// The client has left.
    pub fn leave(&self) {
        self.0.gone.cancel();
        self.end(false);
    }

    /// What was handed over has not been read.
    pub fn unread(&self) {
        self.with(|(fate, _)| *fate = Fate::Lost);
    }

    /// Whether the answer is lost: the client did not take it, and will not.
    pub fn is_lost(&self) -> bool {
        match self.with(|(fate, _)| *fate) {
            Fate::Open => self.0.gone.is_cancelled(),
            Fate::Taken => false,
            Fate::Lost => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// What hooks of `delivery` are told: how often that it was taken, and that it was not.
    fn watched(delivery: &Delivery) -> Arc<[AtomicU32; 2]> {
        let told = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
        let seen = Arc::clone(&told);
        delivery.at_end(move |taken| {
            let [yes, no] = &*seen;
            if taken { yes } else { no }.fetch_add(1, Ordering::SeqCst);
        });
        told
    }

    fn told(counts: &[AtomicU32; 2]) -> [u32; 2] {
        counts.each_ref().map(|count| count.load(Ordering::SeqCst))
    }

    #[test]
    fn the_first_end_counts_and_is_told_once() {
        let delivery = Delivery::default();
        let before = watched(&delivery);
        assert_eq!((told(&before), delivery.is_lost()), ([0, 0], false));
        delivery.end(true);
        delivery.end(false);
        delivery.leave();
        let after = watched(&delivery);
        assert_eq!((told(&before), told(&after)), ([1, 0], [1, 0]));
        assert!(!delivery.is_lost());
        delivery.unread();
        assert!(delivery.is_lost());
    }

    #[test]
    fn who_has_left_or_took_the_call_back_takes_nothing() {
        let left = Delivery::default();
        let of_left = watched(&left);
        left.leave();
        assert!(left.is_lost() && left.gone().is_cancelled());
        let back = Delivery::default();
        let of_back = watched(&back);
        back.gone().cancel();
        assert!(back.is_lost());
        back.end(true);
        assert!(back.is_lost());
        assert_eq!((told(&of_left), told(&of_back)), ([0, 1], [0, 1]));
    }
}
