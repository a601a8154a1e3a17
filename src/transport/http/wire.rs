//! Whether the last answer on a connection was delivered: its bytes have been sent, and the peer did not
//! reset the connection without reading them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::tool::Delivery;

/// What is reset later than this after the last byte was read, as far as anybody can see: proxies end
/// idle connections so, too.
const SOON: Duration = Duration::from_secs(10);

/// The answers of one connection. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Answers that are being sent; several if the client pipelines.
    handed: Vec<Delivery>,
    /// Answers that have been sent, and when.
    left: Option<(Delivery, Instant)>,
    broken: bool,
}

impl Wire {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // It is consistent after any panic.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An answer was handed to the connection completely.
    pub(super) fn hand(&self, delivery: Delivery) {
        let lost = self.with(|state| {
            if state.broken {
                return Some(delivery);
            }
            state.handed.push(delivery);
            None
        });
        if let Some(lost) = lost {
            lost.end(false);
        }
    }

    /// Everything handed over has been sent.
    pub(super) fn flushed(&self) {
        for delivery in self.with(|state| std::mem::take(&mut state.handed)) {
            delivery.end(true);
            self.with(|state| state.left = Some((delivery, Instant::now())));
        }
    }

    /// A client that sends another request has read the previous answer.
    pub(super) fn asked(&self) {
        self.with(|state| state.left = None);
    }

    /// The peer reset the connection.
    pub(super) fn broke(&self) {
        let (handed, left) = self.with(|state| {
            state.broken = true;
            (std::mem::take(&mut state.handed), state.left.take())
        });
        for handed in handed {
            handed.end(false);
        }
        if let Some((left, when)) = left
            && when.elapsed() < SOON
        {
            tracing::info!("an answer was not read: its connection was reset");
            left.unread();
        }
    }

    /// The connection ended regularly.
    pub(super) fn closed(&self) {
        let handed = self.with(|state| {
            state.broken = true;
            state.left = None;
            std::mem::take(&mut state.handed)
        });
        for handed in handed {
            handed.end(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_taken_when_its_bytes_have_left_and_nobody_breaks_off_soon() {
        for (seconds, asked, lost) in [(0, false, true), (0, true, false), (10, false, false)] {
            let (wire, delivery) = (Wire::default(), Delivery::default());
            wire.hand(delivery.clone());
            wire.flushed();
            assert!(!delivery.is_lost());
            if asked {
                wire.asked();
            }
            tokio::time::advance(Duration::from_secs(seconds)).await;
            wire.broke();
            assert_eq!(delivery.is_lost(), lost, "{seconds} {asked}");
        }
    }

    #[test]
    fn an_answer_whose_bytes_have_not_left_is_lost_with_the_connection() {
        for end in [Wire::broke, Wire::closed] {
            let (wire, delivery, late) =
                (Wire::default(), Delivery::default(), Delivery::default());
            wire.hand(delivery.clone());
            end(&wire);
            wire.hand(late.clone());
            wire.flushed();
            assert!(delivery.is_lost() && late.is_lost());
        }
    }
}
