//! What no client may exceed.

use std::time::Duration;

/// What no client may exceed.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Open connections; one more is told to come again.
    pub connections: usize,
    /// Until the head of a request has come, counted from the answer before.
    pub head: Duration,
    /// Until its body has come.
    pub body: Duration,
    /// Until what nobody reads of it has come, before an answer.
    pub rest: Duration,
    /// While a client takes no byte of an answer.
    pub stall: Duration,
    /// For calls in flight after the stop.
    pub drain: Duration,
    /// Between two looks at the access of whoever waits for an answer.
    pub look: Duration,
    /// Between two signs of life in a stream in which nothing is told.
    pub alive: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 1024,
            // More than proxies keep an idle connection: whoever ends one first must be the proxy, or a
            // request of its meets the end (a load balancer answers that with 502).
            head: Duration::from_secs(90),
            body: Duration::from_secs(30),
            rest: Duration::from_secs(1),
            stall: Duration::from_mins(1),
            // Less than the 30 s after which most supervisors kill.
            drain: Duration::from_secs(25),
            look: Duration::from_secs(1),
            // Proxies that end what is idle do so after a minute, the strictest after 30 s.
            alive: Duration::from_secs(15),
        }
    }
}
