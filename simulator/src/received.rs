//! What reached the server.

/// One request and the status it was answered with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Received {
    /// HTTP method.
    pub method: String,
    /// Path as sent, still percent-encoded.
    pub path: String,
    /// Query pairs in order, decoded.
    pub query: Vec<(String, String)>,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Bytes of the body.
    pub body: Vec<u8>,
    /// HTTP status of the answer; 0 when none was sent.
    pub status: u16,
}

impl Received {
    /// Value of the first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Value of the first query pair of that name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Every request so far, in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    arrived: u64,
    entries: Vec<(u64, Received)>,
}

impl RequestLog {
    /// Keeps a request, and says its number.
    pub(crate) fn arrived(&mut self, received: Received) -> u64 {
        self.arrived += 1;
        self.entries.push((self.arrived, received));
        self.arrived
    }

    /// Keeps the status that a request was answered with.
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
