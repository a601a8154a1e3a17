//! The body of a request: read once, within bounds of bytes and time.

use std::time::Duration;

use axum::body::HttpBody as _;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::{Instant, timeout_at};

/// Why there is no body to work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not announced as plain JSON.
    Kind,
    /// More bytes than there may be.
    TooLarge,
    /// It did not come in time.
    Slow,
    /// It broke off.
    Broken,
}

impl Fault {
    pub(super) fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Kind => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/json, not encoded.\n",
            ),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.\n"),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "The body came too slowly.\n"),
            Self::Broken => (StatusCode::BAD_REQUEST, "The body broke off.\n"),
        };
        // What is left of the body is not read.
        let close = [(CONNECTION, HeaderValue::from_static("close"))];
        (status, close, text).into_response()
    }
}

/// Whether the headers announce JSON that can be read as it comes.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
        && !headers.contains_key(CONTENT_ENCODING)
}

/// Reads at most `most` bytes, for at most `patience`.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    patience: Duration,
) -> Result<Bytes, Fault> {
    if !is_json(headers) {
        return Err(Fault::Kind);
    }
    if body.size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Err(Fault::TooLarge);
    }
    match tokio::time::timeout(patience, Limited::new(body, most).collect()).await {
        Err(_) => Err(Fault::Slow),
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Fault::TooLarge),
        Ok(Err(_)) => Err(Fault::Broken),
    }
}

/// Breaks a body off that has not come within `patience`, whoever reads it: a form that never ends
/// must not keep the room of a connection for ever.
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

/// The same bytes. What is missing at `until` is an error, never an end.
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
