//! Resource indicators (RFC 8707): the resource that a client names.

use url::Url;

use crate::auth::server::error::Error;
use crate::config::http::Public;

/// This server's resource, if `requested` names it or is absent, as from clients of 2025-03-26.
/// Accepted besides the exact text, because clients send it: another case of the host, a trailing
/// slash, and the server's own URL.
///
/// # Errors
/// [`Error::Target`]
pub fn canonical(public: &Public, requested: Option<&str>) -> Result<String, Error> {
    named(public, requested).map(|_| public.resource())
}

/// This server, by the name that `requested` uses for it.
///
/// # Errors
/// [`Error::Target`]
pub fn named(public: &Public, requested: Option<&str>) -> Result<Public, Error> {
    let Some(requested) = requested else {
        return Ok(public.clone());
    };
    for name in std::iter::once(public.clone()).chain(public.others()) {
        if means(&name, requested)? {
            return Ok(name);
        }
    }
    Err(Error::Target)
}

fn means(public: &Public, requested: &str) -> Result<bool, Error> {
    let resource = public.resource();
    let is_plain = requested
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(requested).map_err(|_| Error::Target)?;
    let own = Url::parse(&resource).map_err(|_| Error::Internal {
        what: "the URL of the resource",
    })?;
    let below = url.path().strip_prefix(public.path());
    let same_place =
        url.origin() == own.origin() && matches!(below, Some("" | "/" | "/mcp" | "/mcp/"));
    let nothing_more = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // Nothing that parsing would change is accepted, except the case of scheme and host.
    let (path, bare) = (url.path(), requested.to_ascii_lowercase());
    let as_written = bare == url.as_str().to_ascii_lowercase()
        || (path == "/" && format!("{bare}/") == url.as_str());
    let same_path = requested.ends_with(path) || path == "/";
    Ok(is_plain && same_place && nothing_more && as_written && same_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a5_the_resource_of_this_server() {
        let public = Public::new("https://kestra.example");
        for requested in [
            None,
            Some("https://kestra.example/mcp"),
            Some("https://KESTRA.example/mcp"),
            Some("https://kestra.example/mcp/"),
            Some("https://kestra.example"),
            Some("https://kestra.example/"),
        ] {
            let ours = canonical(&public, requested).ok();
            assert_eq!(
                ours.as_deref(),
                Some("https://kestra.example/mcp"),
                "{requested:?}"
            );
        }
        for requested in [
            "",
            "https://evil.example/mcp",
            "http://kestra.example/mcp",
            "https://kestra.example:8443/mcp",
            "https://kestra.example/MCP",
            "https://kestra.example/mcp/other",
            "https://kestra.example/mcp#here",
            "https://kestra.example/mcp?a=b",
            "https://kestra.example/mcp?",
            "https://kestra.example/a/../mcp",
            "https://me@kestra.example/mcp",
            "https://kestra.example.evil.example/mcp",
            "https:\\\\kestra.example/mcp",
            "https://kestra.ex\tample/mcp",
            " https://kestra.example/mcp",
            "/mcp",
        ] {
            assert!(
                canonical(&public, Some(requested)).is_err(),
                "{requested:?}"
            );
        }
    }

    #[test]
    fn a5_the_resource_of_a_server_below_a_path() {
        let public = Public::new("https://kestra.example/a/b");
        for requested in [
            "https://kestra.example/a/b/mcp",
            "https://Kestra.example/a/b/mcp/",
            "https://kestra.example/a/b",
            "https://kestra.example/a/b/",
        ] {
            let ours = canonical(&public, Some(requested)).ok();
            assert_eq!(
                ours.as_deref(),
                Some("https://kestra.example/a/b/mcp"),
                "{requested}"
            );
        }
        for requested in [
            "https://kestra.example",
            "https://kestra.example/",
            "https://kestra.example/mcp",
            "https://kestra.example/a",
            "https://kestra.example/a/bmcp",
            "https://kestra.example/A/b/mcp",
            "https://kestra.example/a//b/mcp",
            "https://kestra.example/a/b/a/b/mcp",
        ] {
            assert!(canonical(&public, Some(requested)).is_err(), "{requested}");
        }
    }
}
