//! The path of the public URL, which a proxy may strip or keep.

use std::sync::Arc;

use http::Uri;
use http::uri::PathAndQuery;

/// The path; empty if the URL has none.
#[derive(Clone, Debug)]
pub(super) struct Base(Arc<str>);

impl Base {
    pub(super) fn new(path: &str) -> Self {
        Self(path.into())
    }

    /// Strips the path from `uri`, if it is there.
    pub(super) fn strip(&self, uri: &mut Uri) {
        if self.0.is_empty() {
            return;
        }
        if let Some(stripped) = self.stripped(uri) {
            *uri = stripped;
        }
    }

    fn stripped(&self, uri: &Uri) -> Option<Uri> {
        let rest = uri.path().strip_prefix(&*self.0)?;
        if !rest.is_empty() && !rest.starts_with('/') {
            return None;
        }
        let path = if rest.is_empty() { "/" } else { rest };
        let whole = match uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(whole).ok()?);
        Uri::from_parts(parts).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(base: &str, uri: &str) -> String {
        let mut uri: Uri = uri.parse().unwrap();
        Base::new(base).strip(&mut uri);
        uri.to_string()
    }

    #[test]
    fn the_path_goes_as_a_whole_and_once() {
        for (uri, stripped) in [
            ("/k/m/mcp", "/mcp"),
            ("/k/m", "/"),
            ("/k/m?a=/k/m", "/?a=/k/m"),
            ("/k/m/account?t=%2F", "/account?t=%2F"),
            ("/k/m/k/m/mcp", "/k/m/mcp"),
            ("/k/mcp", "/k/mcp"),
            ("/mcp", "/mcp"),
            ("/K/m/mcp", "/K/m/mcp"),
            (
                "/.well-known/openid-configuration/k/m",
                "/.well-known/openid-configuration/k/m",
            ),
        ] {
            assert_eq!(strip("/k/m", uri), stripped, "{uri}");
        }
        assert_eq!(strip("", "/k/m/mcp"), "/k/m/mcp");
        assert_eq!(strip("/k/m", "*"), "*");
    }
}
