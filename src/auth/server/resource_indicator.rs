//! The resource that a client names (RFC 8707).

use url::Url;

use crate::auth::server::error::Error;
use crate::config::http::Public;

/// This server's resource, if that is what `asked` means; also when nothing is asked, as clients of
/// 2025-03-26 do. Accepted besides the exact text, because clients send it: another case of the
/// host, a final slash, and the address of the server alone.
///
/// # Errors
/// [`Error::Target`]
pub fn ours(public: &Public, asked: Option<&str>) -> Result<String, Error> {
    called(public, asked).map(|_| public.resource())
}

/// This server under the name by which `asked` means it.
///
/// # Errors
/// [`Error::Target`]
pub fn called(public: &Public, asked: Option<&str>) -> Result<Public, Error> {
    let Some(asked) = asked else {
        return Ok(public.clone());
    };
    for name in std::iter::once(public.clone()).chain(public.others()) {
        if means(&name, asked)? {
            return Ok(name);
        }
    }
    Err(Error::Target)
}

fn means(public: &Public, asked: &str) -> Result<bool, Error> {
    let resource = public.resource();
    let is_plain = asked
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(asked).map_err(|_| Error::Target)?;
    let own = Url::parse(&resource).map_err(|_| Error::Broken {
        what: "the address of the resource",
    })?;
    let below = url.path().strip_prefix(public.path());
    let same_place =
        url.origin() == own.origin() && matches!(below, Some("" | "/" | "/mcp" | "/mcp/"));
    let nothing_more = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // What parsing would change is not tolerated: only the case of scheme and host.
    let (path, bare) = (url.path(), asked.to_ascii_lowercase());
    let as_written = bare == url.as_str().to_ascii_lowercase()
        || (path == "/" && format!("{bare}/") == url.as_str());
    let same_path = asked.ends_with(path) || path == "/";
    Ok(is_plain && same_place && nothing_more && as_written && same_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a5_the_resource_is_ours() {
        let public = Public::new("https://kestra.example");
        for asked in [
            None,
            Some("https://kestra.example/mcp"),
            Some("https://KESTRA.example/mcp"),
            Some("https://kestra.example/mcp/"),
            Some("https://kestra.example"),
            Some("https://kestra.example/"),
        ] {
            let ours = ours(&public, asked).ok();
            assert_eq!(
                ours.as_deref(),
                Some("https://kestra.example/mcp"),
                "{asked:?}"
            );
        }
        for asked in [
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
            assert!(ours(&public, Some(asked)).is_err(), "{asked:?}");
        }
    }

    #[test]
    fn a5_the_resource_is_ours_below_a_path() {
        let public = Public::new("https://kestra.example/a/b");
        for asked in [
            "https://kestra.example/a/b/mcp",
            "https://Kestra.example/a/b/mcp/",
            "https://kestra.example/a/b",
            "https://kestra.example/a/b/",
        ] {
            let ours = ours(&public, Some(asked)).ok();
            assert_eq!(
                ours.as_deref(),
                Some("https://kestra.example/a/b/mcp"),
                "{asked}"
            );
        }
        for asked in [
            "https://kestra.example",
            "https://kestra.example/",
            "https://kestra.example/mcp",
            "https://kestra.example/a",
            "https://kestra.example/a/bmcp",
            "https://kestra.example/A/b/mcp",
            "https://kestra.example/a//b/mcp",
            "https://kestra.example/a/b/a/b/mcp",
        ] {
            assert!(ours(&public, Some(asked)).is_err(), "{asked}");
        }
    }
}
