//! Fault injection.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    listen,
    received::Received,
    response::Response,
    wire::{Payload, WireResponse},
};

/// A fault to inject into matching requests.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The HTTP method; `None` matches every method.
    pub method: Option<String>,
    /// The path as received; `*` matches any text, including slashes.
    pub path: String,
    /// How many requests it affects; `None` means all until
    /// [`clear_faults`](crate::Simulator::clear_faults).
    pub times: Option<usize>,
    /// What happens to these requests.
    pub action: Action,
}

/// What a [`Fault`] does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Sends this response instead of performing the request.
    Respond {
        /// HTTP status.
        status: u16,
        /// Media type; if empty, there is no `content-type` header.
        content_type: String,
        /// The body.
        body: Vec<u8>,
        /// Additional headers.
        headers: Vec<(String, String)>,
    },
    /// Never responds, until the client disconnects.
    Hang,
    /// Closes the connection without performing the request.
    Disconnect,
    /// Performs the request, then closes the connection without a response.
    DisconnectAfter,
    /// A 200 whose body never ends.
    Endless {
        /// Media type.
        content_type: String,
    },
    /// A 200 whose body of this many bytes is streamed.
    Huge {
        /// Length of the body.
        bytes: u64,
        /// Media type.
        content_type: String,
    },
    /// Waits for this (real) time, then performs the request.
    Delay(Duration),
    /// A 200 of type `application/json` whose body is not JSON.
    GarbageJson,
    /// Performs the request, then responds with 504.
    Timeout504After,
    /// Performs the request together with a concurrent change by another client, which is not
    /// recorded among the requests.
    Meanwhile(Theirs),
    /// Performs the request once this is notified.
    Held(Arc<Notify>),
}

impl Action {
    /// Responds to a request that `perform` would perform. Actions that are specific to one of the
    /// servers are handled by that server.
    pub(crate) async fn apply(
        self,
        perform: impl FnOnce() -> Response + Send,
    ) -> io::Result<WireResponse> {
        let closed = || Err(io::Error::other("closed by a fault"));
        let flood = |bytes, content_type: String| {
            hyper::Response::builder()
                .header("content-type", content_type)
                .body(Payload::Flood(bytes))
                .map_err(io::Error::other)
        };
        match self {
            Self::Respond {
                status,
                content_type,
                body,
                headers,
            } => {
                let mut response = hyper::Response::builder().status(status);
                if !content_type.is_empty() {
                    response = response.header("content-type", content_type);
                }
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                response
                    .body(Payload::Whole(Some(Bytes::from(body))))
                    .map_err(io::Error::other)
            }
            Self::Hang => std::future::pending().await,
            Self::Disconnect => closed(),
            Self::DisconnectAfter => {
                perform();
                closed()
            }
            Self::Endless { content_type } => flood(None, content_type),
            Self::Huge {
                bytes,
                content_type,
            } => flood(Some(bytes), content_type),
            Self::Delay(time) => {
                tokio::time::sleep(time).await;
                listen::encode(perform())
            }
            Self::GarbageJson => listen::encode(Response::typed(
                200,
                "application/json",
                b"{\"results\": [{".to_vec(),
            )),
            Self::Timeout504After => {
                perform();
                listen::encode(Response::empty(504))
            }
            Self::Meanwhile(_) => listen::encode(perform()),
            Self::Held(until) => {
                until.notified().await;
                listen::encode(perform())
            }
        }
    }
}

/// The action for a request: that of the first matching fault, which is counted down.
pub(crate) fn take(faults: &mut [Fault], received: &Received) -> Option<Action> {
    let fault = faults.iter_mut().find(|fault| {
        fault.times != Some(0)
            && fault
                .method
                .as_ref()
                .is_none_or(|method| *method == received.method)
            && glob(&fault.path, &received.path)
    })?;
    fault.times = fault.times.map(|times| times.saturating_sub(1));
    Some(fault.action.clone())
}

/// A change by another client, with the credentials of the request that it races with.
#[derive(Clone, Debug)]
pub struct Theirs {
    /// Whether it is performed before that request; otherwise after it.
    pub first: bool,
    /// HTTP method.
    pub method: String,
    /// The path as sent, without a query.
    pub path: String,
    /// Media type of the body.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// Whether `text` matches `pattern`, in which `*` matches any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut rest = rest;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(glob("/a/*/c", "/a/b/x/c"));
        assert!(glob("*", ""));
        assert!(glob("/a", "/a"));
        assert!(!glob("/a", "/ab"));
        assert!(!glob("/a/*/c", "/a/b/d"));
    }
}
