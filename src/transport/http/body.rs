//! The body of a request: read once, within bounds of bytes, memory and time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::HttpBody as _;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::transport::message::{Finder, Refusal};

/// Bytes of a body that needs no reservation.
const SHORT: usize = 64 << 10;
/// How many of the longest bodies fit into memory at once.
const LONG_ONES: usize = 32;
/// A body that is too long is read to its end, up to this many times the limit: for its id, and so that
/// its sender reads the answer.
const PATIENCE: usize = 4;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The headers do not announce uncompressed JSON.
    Kind,
    /// Too many bytes.
    TooLong(Refusal),
    /// No room in memory now.
    NoRoom(Refusal),
    /// It did not arrive in time.
    Slow,
    /// The connection broke.
    Broken,
}

impl Fault {
    pub(super) fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::TooLong(refusal) => {
                let kind = [(CONTENT_TYPE, JSON)];
                return (StatusCode::PAYLOAD_TOO_LARGE, kind, refusal.into_text()).into_response();
            }
            Self::NoRoom(refusal) => {
                let headers = [
                    (CONTENT_TYPE, JSON),
                    (RETRY_AFTER, HeaderValue::from_static("1")),
                ];
                let status = StatusCode::SERVICE_UNAVAILABLE;
                return (status, headers, refusal.into_text()).into_response();
            }
            Self::Kind => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/json, not encoded.\n",
            ),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "The body came too slowly.\n"),
            Self::Broken => (StatusCode::BAD_REQUEST, "The body broke off.\n"),
        };
        // The rest of the body is not read.
        let close = [(CONNECTION, HeaderValue::from_static("close"))];
        (status, close, text).into_response()
    }
}

/// Whether the headers announce JSON without content encoding.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
        && !headers.contains_key(CONTENT_ENCODING)
}

/// The bounds of all request bodies.
#[derive(Debug)]
pub(super) struct Bodies {
    /// Bytes of one.
    most: usize,
    /// Bytes for all long bodies together.
    room: Arc<Semaphore>,
    patience: Duration,
}

/// Memory reserved for a body, until the last use of what was parsed from it.
#[derive(Clone, Debug)]
pub(super) struct Room {
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// A body as far as it has arrived.
struct Growing<'b> {
    bodies: &'b Bodies,
    text: Vec<u8>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Growing<'_> {
    /// Reserves memory for `bytes` in total; false if there is none.
    fn reach(&mut self, bytes: usize) -> bool {
        let held = self
            .permit
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.saturating_sub(SHORT + held);
        if missing == 0 {
            return true;
        }
        // Doubling keeps the number of reservations small.
        let more = missing.max(self.text.len()).min(self.bodies.most);
        let room = Arc::clone(&self.bodies.room);
        let Some(more) = u32::try_from(more)
            .ok()
            .and_then(|more| room.try_acquire_many_owned(more).ok())
        else {
            return false;
        };
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        true
    }
}

impl Bodies {
    pub(super) fn new(most: usize, patience: Duration) -> Self {
        let room = most.saturating_mul(LONG_ONES).min(Semaphore::MAX_PERMITS);
        Self {
            most,
            room: Arc::new(Semaphore::new(room)),
            patience,
        }
    }

    /// Reads a body in time.
    pub(super) async fn read(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Bytes, Room), Fault> {
        if !is_json(headers) {
            return Err(Fault::Kind);
        }
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        let too_long = announced > self.most;
        // A client that sends `Expect: 100-continue` is refused before it sends anything.
        let asks = headers.contains_key(EXPECT);
        if too_long && (asks || announced > self.most.saturating_mul(PATIENCE)) {
            return Err(Fault::TooLong(Refusal::too_long(Value::Null, self.most)));
        }
        let read = async {
            if too_long {
                return Err(self.skip(Vec::new(), body).await);
            }
            self.whole(announced, body).await
        };
        let read = tokio::time::timeout(self.patience, read).await;
        read.unwrap_or(Err(Fault::Slow))
    }

    async fn whole(&self, announced: usize, mut body: Body) -> Result<(Bytes, Room), Fault> {
        let mut read = Growing {
            bodies: self,
            text: Vec::new(),
            permit: None,
        };
        if !read.reach(announced) {
            return Err(Fault::NoRoom(Refusal::no_room(Value::Null)));
        }
        read.text.reserve_exact(announced);
        while let Some(frame) = body.frame().await {
            let Ok(part) = frame.map_err(|_| Fault::Broken)?.into_data() else {
                continue;
            };
            let length = read.text.len() + part.len();
            if length > self.most {
                let mut start = read.text;
                start.extend_from_slice(&part);
                return Err(self.skip(start, body).await);
            }
            if !read.reach(length) {
                return Err(Fault::NoRoom(Refusal::no_room(Value::Null)));
            }
            read.text.extend_from_slice(&part);
        }
        let room = Room {
            _permit: read.permit.map(Arc::new),
        };
        Ok((read.text.into(), room))
    }

    /// Reads a body that is too long and begins with `start`, and keeps only its id.
    async fn skip(&self, start: Vec<u8>, mut body: Body) -> Fault {
        let mut finder = Finder::default();
        let mut length = start.len();
        finder.feed(&start);
        drop(start);
        while length <= self.most.saturating_mul(PATIENCE) {
            match body.frame().await {
                None => break,
                Some(Err(_)) => return Fault::Broken,
                Some(Ok(frame)) => {
                    if let Ok(part) = frame.into_data() {
                        length += part.len();
                        finder.feed(&part);
                    }
                }
            }
        }
        Fault::TooLong(Refusal::too_long(finder.id(), self.most))
    }
}

/// Interrupts a body that has not arrived within `patience`, whichever handler reads it: an endless form
/// must not hold a connection for ever.
pub(super) async fn in_time(
    State(patience): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let until = Instant::now() + patience;
    let request = request.map(|body| {
        if body.is_end_stream() {
            body
        } else {
            Body::from_stream(ending(body.into_data_stream(), until))
        }
    });
    next.run(request).await
}

/// The same bytes. A body that is incomplete at `until` is an error, not an end.
fn ending(
    body: BodyDataStream,
    until: Instant,
) -> impl futures::Stream<Item = Result<Bytes, axum::Error>> {
    stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match timeout_at(until, body.next()).await {
            Ok(part) => Some((part?, Some(body))),
            Err(late) => Some((Err(axum::Error::new(late)), None)),
        }
    })
}
