//! The signals that end the server.

const ENDING: &str = "ending: no new requests are accepted, calls in flight are finished";

/// Returns when the process gets a signal to end.
pub async fn asked_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt => {}
            }
            tracing::info!("{ENDING}");
            return;
        }
    }
    let _ = interrupt.await;
    tracing::info!("{ENDING}");
}
