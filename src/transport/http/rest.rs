//! What a handler leaves unread of a request body.
//!
//! A request that is refused by its head has a body that nobody reads, so its connection cannot be
//! reused: it would close under a client that sends its next request. A small rest is read and
//! discarded; for a larger or slower one the answer announces that the connection closes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONNECTION, EXPECT};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Frame, SizeHint};

/// Bytes that are read and discarded at most.
const MOST: usize = 64 << 10;

/// A body that outlives its reader.
#[derive(Clone)]
struct Shared(Arc<Mutex<Read>>);

struct Read {
    body: Body,
    ended: bool,
}

/// Answers, then reads the rest for at most `patience`.
pub(super) async fn finish<F>(
    patience: Duration,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    if request.body().is_end_stream() {
        return answer(request).await;
    }
    // Reading would make a client with `Expect: 100-continue` send the body.
    let asks = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let read = Read { body, ended: false };
    let shared = Shared(Arc::new(Mutex::new(read)));
    let request = Request::from_parts(parts, Body::new(shared.clone()));
    let mut response = answer(request).await;
    let is_small = usize::try_from(shared.size_hint().lower()).is_ok_and(|left| left <= MOST);
    let is_over =
        shared.is_end_stream() || (is_small && !asks && shared.ends_within(patience).await);
    if !is_over {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

impl Shared {
    fn with<T>(&self, look: impl FnOnce(&mut Read) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ends_within(self, patience: Duration) -> bool {
        let mut rest = Limited::new(self, MOST);
        let read = async {
            while let Some(frame) = rest.frame().await {
                if frame.is_err() {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(patience, read).await.unwrap_or(false)
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|read| {
            let polled = Pin::new(&mut read.body).poll_frame(context);
            if let Poll::Ready(None) = polled {
                read.ended = true;
            }
            polled
        })
    }

    fn is_end_stream(&self) -> bool {
        self.with(|read| read.ended || read.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|read| read.body.size_hint())
    }
}
