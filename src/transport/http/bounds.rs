//! What no client may exceed.

use std::time::Duration;

/// What no client may exceed.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Open connections; one more is answered 503.
    pub connections: usize,
    /// Time for the head of a request, counted from the previous answer.
    pub head: Duration,
    /// Time for its body.
    pub body: Duration,
    /// Time to read the unread rest of a body before the answer.
    pub rest: Duration,
    /// Time in which a client reads no byte of an answer.
    pub stall: Duration,
    /// Time for calls in flight at shutdown.
    pub drain: Duration,
    /// Between two checks of the access of a client that waits for an answer.
    pub look: Duration,
    /// Between two keep-alive comments of a silent stream.
    pub alive: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 1024,
            // Longer than proxies keep an idle connection: the proxy must close it first, or one of its
            // requests meets a closed connection (a load balancer then answers 502).
            head: Duration::from_secs(90),
            body: Duration::from_secs(30),
            rest: Duration::from_secs(1),
            stall: Duration::from_mins(1),
            // Less than the 30 s after which most supervisors kill a process.
            drain: Duration::from_secs(25),
            look: Duration::from_secs(1),
            // Proxies close idle connections after a minute, the strictest after 30 s.
            alive: Duration::from_secs(15),
        }
    }
}
