//! The URL of Kestra's UI, from the settings or from Kestra itself.

use std::sync::Arc;

use url::Url;

/// Bytes of an address that Kestra says.
const LONGEST: usize = 500;

/// Where links lead, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ui {
    /// The settings do.
    Set(Arc<str>),
    /// Kestra does, of the host that it is asked at.
    Said(Arc<str>),
    /// Kestra says another host: what answers here must not lead people elsewhere.
    Elsewhere {
        /// That host.
        host: String,
    },
    /// Nobody does, or not yet.
    Unsaid,
}

impl Ui {
    /// The start of links, without a final slash; none where there are no links.
    pub fn start(&self) -> Option<&Arc<str>> {
        match self {
            Self::Set(start) | Self::Said(start) => Some(start),
            Self::Elsewhere { .. } | Self::Unsaid => None,
        }
    }
}

/// The address that Kestra says, if people can open it.
pub(super) fn said(text: &str) -> Option<Url> {
    let text = text.trim();
    let mut url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST)?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/ui").unwrap_or(path).to_owned();
    url.set_path(&path);
    url.has_host().then_some(url)
}

/// `url` as the start of a link.
pub(super) fn start(url: &Url) -> Arc<str> {
    url.as_str().trim_end_matches('/').into()
}

#[cfg(test)]
mod tests {
    use super::{said, start};

    #[test]
    fn kestra_says_where_people_open_it() {
        for (text, expected) in [
            ("http://kestra:8080/", Some("http://kestra:8080")),
            ("https://KESTRA.example/ui/", Some("https://kestra.example")),
            (
                " https://kestra.example/base/ui?x#y ",
                Some("https://kestra.example/base"),
            ),
            (
                "https://kestra.example:443/base/",
                Some("https://kestra.example/base"),
            ),
            ("https://user@kestra.example/", None),
            ("https://user:word@kestra.example/", None),
            ("javascript:alert(1)", None),
            ("ftp://kestra.example/", None),
            ("/ui", None),
            ("", None),
            (&format!("https://kestra.example/{}", "x".repeat(500)), None),
        ] {
            let found = said(text).map(|url| start(&url));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
