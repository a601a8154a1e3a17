//! Answers end with the access of their client, and report whether they were delivered.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use serde_json::Value;

use super::calls::InFlight;
use super::wire::Wire;
use crate::auth::{BearerError, Gate};
use crate::principal::Person;
use crate::tool::Delivery;
use crate::transport::message::{Refusal, answers};

/// Failed checks of the access in a row.
const UNKNOWN: u32 = 2;

/// The access under which a call began.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) gate: Arc<dyn Gate>,
    pub(super) person: Arc<Person>,
    pub(super) look: Duration,
}

impl Access {
    /// Returns when access has ended: it was revoked, or cannot be checked. A token that expires during a
    /// call does not end it.
    pub(super) async fn ended(self) {
        let mut unknown = 0;
        loop {
            tokio::time::sleep(self.look).await;
            match self.gate.still_allows(&self.person).await {
                Ok(()) => unknown = 0,
                Err(BearerError::Unavailable) if unknown + 1 < UNKNOWN => unknown += 1,
                Err(_) => return,
            }
        }
    }
}

/// Whether `headers` are those of an event stream.
pub(super) fn is_one(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// Reads a body that nobody waits for, so that its writer does not fail.
pub(super) async fn drain(mut body: Body) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// A client that waits for an answer that has not begun. Dropped when it disconnects.
pub(super) struct Waiting(Option<Parcel>);

/// What accompanies an answer.
pub(super) struct Parcel {
    /// Of the request.
    pub(super) id: Value,
    pub(super) delivery: Delivery,
    pub(super) wire: Wire,
    pub(super) _in_flight: Option<InFlight>,
}

impl Parcel {
    /// Whether `frame` ends with the event that answers: nothing useful follows, and many clients
    /// disconnect as soon as they have it.
    fn is_in(&self, frame: &Frame<Bytes>) -> bool {
        let event = frame.data_ref().and_then(|data| data.strip_suffix(b"\n\n"));
        let mut lines = event.unwrap_or_default().rsplit(|byte| *byte == b'\n');
        let data = lines.next().and_then(|line| line.strip_prefix(b"data:"));
        data.is_some_and(|data| answers(data, &self.id))
    }

    /// The JSON-RPC error when access has ended.
    pub(super) fn cut_off(&self) -> Vec<u8> {
        tracing::info!("an answer ended with the access of its reader");
        self.delivery.gone().cancel();
        Refusal::cut_off(self.id.clone(), self.delivery.started()).into_text()
    }
}

impl Waiting {
    pub(super) const fn for_it(parcel: Parcel) -> Self {
        Self(Some(parcel))
    }

    /// `response`, watched until it is delivered; a stream ends with `ended`.
    pub(super) fn carried(mut self, response: Response, ended: BoxFuture<'static, ()>) -> Response {
        let Some(parcel) = self.0.take() else {
            return response;
        };
        let ended = is_one(response.headers()).then_some(ended);
        response.map(|body| {
            Body::new(Carried {
                whole: body.is_end_stream(),
                body: Some(body),
                ended,
                parcel,
            })
        })
    }

    /// The answer when access ended before the result.
    pub(super) fn cut_off(&self) -> Vec<u8> {
        self.0.as_ref().map(Parcel::cut_off).unwrap_or_default()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(parcel) = &self.0 {
            parcel.delivery.leave();
        }
    }
}

/// A body that reports its end.
struct Carried {
    body: Option<Body>,
    ended: Option<BoxFuture<'static, ()>>,
    parcel: Parcel,
    /// Whether it was handed over completely.
    whole: bool,
}

impl HttpBody for Carried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) {
            this.whole = match &frame {
                None => true,
                Some(Ok(_)) => body.is_end_stream(),
                Some(Err(_)) => false,
            };
            if let Some(Ok(frame)) = &frame
                && !this.whole
                && this.parcel.is_in(frame)
            {
                this.whole = true;
                this.let_go();
            }
            return Poll::Ready(frame);
        }
        let ended = this.ended.as_mut();
        if ended.is_some_and(|ended| ended.poll_unpin(context).is_ready()) {
            let mut event = b"data: ".to_vec();
            event.extend(this.parcel.cut_off());
            event.extend(b"\n\n");
            this.let_go();
            return Poll::Ready(Some(Ok(Frame::data(event.into()))));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Carried {
    /// The client does not read the rest.
    fn let_go(&mut self) {
        if let Some(body) = self.body.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(drain(body));
        }
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        let Parcel { delivery, wire, .. } = &self.parcel;
        if self.whole {
            wire.hand(delivery.clone());
        } else {
            delivery.leave();
            self.let_go();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{StreamExt as _, stream};
    use serde_json::json;

    use super::*;

    fn carried(id: Value, events: &'static [&'static str]) -> (Body, Delivery, Wire) {
        let (delivery, wire) = (Delivery::default(), Wire::default());
        let parcel = Parcel {
            id,
            delivery: delivery.clone(),
            wire: wire.clone(),
            _in_flight: None,
        };
        // It never ends by itself.
        let events = stream::iter(events).map(|event| Ok::<_, Infallible>(Bytes::from(*event)));
        let response = http::Response::builder().header(CONTENT_TYPE, "text/event-stream");
        let response = response
            .body(Body::from_stream(events.chain(stream::pending())))
            .unwrap();
        let ended = std::future::pending().boxed();
        let response = Waiting::for_it(parcel).carried(response, ended);
        (response.into_body(), delivery, wire)
    }

    #[tokio::test]
    async fn a_stream_ends_with_the_event_that_answers() {
        const EVENTS: &[&str] = &[
            ": alive\n\n",
            "data: {\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{\"id\":7,\"result\":{}}}\n\n",
            "data: {\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\"}\n\n",
            "data: {\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":{}}\n\n",
            "id: 1\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{}}\n\n",
        ];
        let (mut body, delivery, wire) = carried(json!(7), EVENTS);
        for event in EVENTS {
            assert!(!body.is_end_stream(), "{event}");
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), event.as_bytes());
        }
        assert!(body.is_end_stream() && body.frame().await.is_none());
        drop(body);
        wire.flushed();
        wire.closed();
        assert!(!delivery.is_lost());
    }

    #[tokio::test]
    async fn who_leaves_before_it_takes_nothing() {
        let (mut body, delivery, _) = carried(json!(7), &["data: {}\n\n"]);
        body.frame().await.unwrap().unwrap();
        drop(body);
        assert!(delivery.is_lost());
    }
}
