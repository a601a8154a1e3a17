//! Failures on purpose.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

/// Something that goes wrong with matching requests.
#[derive(Clone, Debug)]
pub struct Fault {
    /// HTTP method; `None`: every method.
    pub method: Option<String>,
    /// Path as received; `*` stands for any text, slashes included.
    pub path: String,
    /// How many requests it hits; `None`: all until [`clear_faults`](crate::Simulator::clear_faults).
    pub times: Option<usize>,
    /// What happens.
    pub action: Action,
}

/// What a [`Fault`] does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Answers this instead, without performing the request.
    Respond {
        /// HTTP status.
        status: u16,
        /// Media type; empty: no `content-type`.
        content_type: String,
        /// Bytes of the body.
        body: Vec<u8>,
        /// Further headers.
        headers: Vec<(String, String)>,
    },
    /// Never answers, until the client goes away.
    Hang,
    /// Closes the connection without performing the request or answering.
    Disconnect,
    /// Performs the request, then closes the connection without an answer.
    DisconnectAfter,
    /// A 200 whose body never ends.
    Endless {
        /// Media type.
        content_type: String,
    },
    /// A 200 with a body of this many bytes, streamed.
    Huge {
        /// Length of the body.
        bytes: u64,
        /// Media type.
        content_type: String,
    },
    /// Performs and answers the request after this real time.
    Delay(Duration),
    /// A 200 of type `application/json` whose body is no JSON.
    GarbageJson,
    /// Performs the request, then answers 504.
    Timeout504After,
    /// Performs and answers the request, with somebody else's change at the same moment; the
    /// change is not among the requests.
    Meanwhile(Theirs),
    /// Performs and answers the request once this is notified.
    Held(Arc<Notify>),
}

/// A change of somebody else, made with the credentials of the request that it meets.
#[derive(Clone, Debug)]
pub struct Theirs {
    /// Whether it is performed before that request, or after it.
    pub first: bool,
    /// HTTP method.
    pub method: String,
    /// Path as sent, without a query.
    pub path: String,
    /// Media type of the body.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// Whether `text` matches `pattern`, in which `*` stands for any text.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
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
