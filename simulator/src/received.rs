//! A record of the requests that a server received.

/// A request, and the status of its response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// The path as sent, percent-encoded.
    pub path: String,
    /// The decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The headers in order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The HTTP status of the response; 0 if none was sent.
    pub status: u16,
}

impl Received {
    /// The value of the first header with this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of the first query parameter with this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The requests so far, in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    arrived: u64,
    entries: Vec<(u64, Received)>,
}

impl RequestLog {
    /// Records a request, and returns its number.
    pub(crate) fn arrived(&mut self, received: Received) -> u64 {
        self.arrived += 1;
        self.entries.push((self.arrived, received));
        self.arrived
    }

    /// Records the status of the response.
    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        if let Some((_, entry)) = self.entries.iter_mut().find(|(n, _)| *n == number) {
            entry.status = status;
        }
    }

    pub(crate) fn entries(&self) -> Vec<Received> {
        self.entries
            .iter()
            .map(|(_, received)| received.clone())
            .collect()
    }

    pub(crate) fn forget(&mut self) {
        self.entries.clear();
    }
}
