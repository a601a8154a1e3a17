//! The response that a handler returns.

use serde_json::Value;

/// An HTTP response.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// 200 with a JSON body.
    pub(crate) fn json(value: &Value) -> Self {
        Self::json_as(200, value)
    }

    /// A JSON body with a status.
    pub(crate) fn json_as(status: u16, value: &Value) -> Self {
        Self::typed(status, "application/json", value.to_string().into_bytes())
    }

    /// A body with a media type.
    pub(crate) fn typed(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: Some(content_type),
            headers: Vec::new(),
            body,
        }
    }

    /// No body and no media type.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A page of search results: `{results, total}`.
    pub(crate) fn page(results: &[Value], total: usize) -> Self {
        Self::json(&serde_json::json!({ "results": results, "total": total }))
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
