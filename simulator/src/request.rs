//! The request that a handler receives.

use crate::{error::ApiError, multipart::Part, settings::Dialect};

/// A decoded request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) dialect: Dialect,
    pub(crate) query: Vec<(String, String)>,
    /// Header names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The current time in milliseconds since the epoch.
    pub(crate) now: u64,
    /// The server's base URL.
    pub(crate) base: String,
    /// The decoded values of the route's `{}` segments, in order.
    pub(crate) segments: Vec<String>,
}

impl Request {
    /// The decoded value of the route's `{}` segment at this position.
    pub(crate) fn segment(&self, position: usize) -> &str {
        self.segments.get(position).map_or("", String::as_str)
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a query parameter.
    pub(crate) fn parameters(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A boolean parameter; `absent` is its default.
    pub(crate) fn flag(&self, name: &str, absent: bool) -> bool {
        self.parameter(name).map_or(absent, |value| value == "true")
    }

    /// An integer parameter.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        self.parameter(name)
            .map(|text| {
                let cause = || format!("For input string: \"{text}\"");
                text.parse()
                    .map_err(|_| ApiError::unconvertible(name, text, &cause()))
            })
            .transpose()
    }

    /// A search parameter that is not a filter; only 1.3 honours those.
    pub(crate) fn flat(&self, name: &str) -> Option<&str> {
        if self.dialect.is_v2() {
            None
        } else {
            self.parameter(name)
        }
    }

    /// The first header with this (lower-case) name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The media type of the body, in lower case, without parameters.
    pub(crate) fn media_type(&self) -> Option<String> {
        let given = self.header("content-type")?;
        Some(
            given
                .split(';')
                .next()
                .unwrap_or("")
                .trim()
                .to_ascii_lowercase(),
        )
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<serde_json::Value, ApiError> {
        if self.body.is_empty() {
            return Err(ApiError::missing_body("body"));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| ApiError::illegal_argument(format!("Invalid JSON: {error}")))
    }

    /// The parts of a multipart body; empty if there is no body.
    pub(crate) fn parts(&self) -> Vec<Part> {
        self.header("content-type")
            .map(|header| crate::multipart::parts(header, &self.body))
            .unwrap_or_default()
    }
}
