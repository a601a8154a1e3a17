//! Streamed answers end with the access of whoever reads them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::auth::{Gate, Refused};
use crate::clock::Clock;

/// Looks in a row at which access could not be checked.
const UNKNOWN: u32 = 2;

/// The access under which a stream was opened.
pub(super) struct Access {
    pub(super) gate: Arc<dyn Gate>,
    /// The header that opened it.
    pub(super) shown: HeaderMap,
    /// Milliseconds since the epoch.
    pub(super) expires: u64,
    pub(super) look: Duration,
    pub(super) clock: Clock,
}

impl Access {
    /// Returns when access has ended: the token is over, was revoked, or cannot be checked.
    async fn ended(self) {
        let mut unknown = 0;
        loop {
            tokio::time::sleep(self.look).await;
            if self.clock.now_ms() >= self.expires {
                return;
            }
            match self.gate.identify(&self.shown).await {
                Ok(_) => unknown = 0,
                Err(Refused::Unavailable) if unknown + 1 < UNKNOWN => unknown += 1,
                Err(_) => return,
            }
        }
    }
}

/// Whether `headers` are those of a stream of events.
pub(super) fn is_one(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

enum Step<F> {
    Open(BodyDataStream, F, Bytes),
    Over,
}

/// The same stream until access ends, and then `last` as its last event.
pub(super) fn guarded(response: Response, access: Access, last: Vec<u8>) -> Response {
    let mut event = b"data: ".to_vec();
    event.extend(last);
    event.extend(b"\n\n");
    let event = Bytes::from(event);
    response.map(|body| {
        let ended = Box::pin(access.ended());
        let open = Step::Open(body.into_data_stream(), ended, event);
        Body::from_stream(stream::unfold(open, |step| async {
            let Step::Open(mut events, mut ended, event) = step else {
                return None;
            };
            tokio::select! {
                biased;
                part = events.next() => Some((part?, Step::Open(events, ended, event))),
                () = &mut ended => {
                    tracing::info!("a stream ended with the access of its reader");
                    Some((Ok(event), Step::Over))
                }
            }
        }))
    })
}
