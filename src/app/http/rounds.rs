//! What runs beside the server at intervals.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::store::{Ms, Store};

/// How often expired rows are deleted.
const SWEEP: Duration = Duration::from_mins(10);
/// How often the known client metadata documents are probed.
const PROBE: Duration = Duration::from_hours(1);

/// Deletes expired rows, again and again.
pub(super) async fn sweep(store: Arc<dyn Store>, clock: Clock, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(SWEEP);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let now = Ms::try_from(clock.now_ms()).unwrap_or(Ms::MAX);
        match store.sweep(now).await {
            Ok(rows) => tracing::debug!(rows, "expired rows are deleted"),
            Err(error) => tracing::warn!(%error, "cannot delete expired rows"),
        }
    }
}

/// Probes the known client metadata documents, again and again. Nothing waits for it: until one can be
/// read, none are announced.
pub(super) async fn probe(auth: Auth, stop: CancellationToken) {
    if !auth.probes_documents() {
        return;
    }
    let mut rounds = tokio::time::interval(PROBE);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let probing = async {
        loop {
            rounds.tick().await;
            auth.probe_documents().await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = probing => {}
    }
}
