//! The public URL of this server, and the callback below it.

use url::Url;

use super::super::http::{CALLBACK, Provider, Public, further_callback};
use super::super::place::Found;
use super::super::settings::http::PUBLIC_URL;
use super::super::settings::oidc::REDIRECT_URI;
use super::context::Check;
use super::urls::{NO_HOST, has_host, is_loopback, is_segment, is_web};

const PUBLIC: &str = "set it to scheme and host, the port if it is unusual, and the path if there is one, \
                      such as https://mcp.example.com";

/// The first segments of this server's own paths.
const TAKEN: &[&str] = &[
    "account",
    "approve",
    "assets",
    "auth",
    "authorize",
    "consent",
    "healthz",
    "mcp",
    "metrics",
    "readyz",
    "register",
    "revoke",
    "token",
];

/// Why a public URL cannot have this path, and what to do.
fn path_problem(path: &str) -> Option<(&'static str, &'static str)> {
    let mut parts = path.split('/').skip(1);
    if path.ends_with("/mcp") {
        let remedy = "leave out the /mcp at its end: MCP clients find it below the public URL";
        return Some(("ends in the path of the MCP endpoint", remedy));
    }
    let first = parts.clone().next();
    if first.is_some_and(|first| TAKEN.contains(&first)) {
        let remedy = "choose a path that begins with another word";
        return Some(("has a path that this server uses itself", remedy));
    }
    let remedy = "use letters, digits, and - _ . between them, and no slash at the end";
    (!parts.all(is_segment)).then_some(("has a path that proxies and clients may change", remedy))
}

pub(super) fn public(check: &mut Check<'_>) -> Option<Public> {
    let found = check.found(&PUBLIC_URL)?;
    let text = found.text.trim();
    // Clients compare the issuer byte for byte: at most one final slash is left out.
    let text = text.strip_suffix('/').unwrap_or(text);
    match problem(text) {
        None => Some(Public::new(text)),
        Some((problem, remedy)) => {
            check.fault(found, problem, remedy);
            None
        }
    }
}

fn problem(text: &str) -> Option<(&'static str, &'static str)> {
    let Ok(url) = Url::parse(text) else {
        return Some(("is not a URL", PUBLIC));
    };
    if !is_web(&url) || !url.origin().is_tuple() {
        return Some(("is not the URL of a web server", PUBLIC));
    }
    if !has_host(&url) {
        return Some((NO_HOST, PUBLIC));
    }
    let path = text.strip_prefix(&url.origin().ascii_serialization());
    let is_plain = url.query().is_none() && url.fragment().is_none();
    let Some(path) = path.filter(|path| is_plain && (path.is_empty() || path.starts_with('/')))
    else {
        return Some(("is not written as browsers write it", PUBLIC));
    };
    if let Some(problem) = path_problem(path) {
        return Some(problem);
    }
    let remedy = "tokens must not cross a network in the clear: use https";
    (url.scheme() == "http" && !is_loopback(&url)).then_some(("is not https", remedy))
}

/// The path to which the first provider sends browsers back.
pub(super) fn callback(
    check: &mut Check<'_>,
    public: Option<&Public>,
    providers: &[Provider],
) -> String {
    let Some(found) = check.found(&REDIRECT_URI) else {
        return CALLBACK.to_owned();
    };
    let Some(path) = callback_path(found, public) else {
        let remedy = "leave it out, or set it to a URL below the public one with a path of its own";
        check.fault(found, "is not a callback of this server", remedy);
        return CALLBACK.to_owned();
    };
    let mut others = providers.iter().skip(1);
    if let Some(other) = others.find(|other| further_callback(&other.id) == path) {
        let problem = format!("is the callback of the provider {}", other.id);
        let remedy = "set it to a URL that no other provider has";
        check.fault(found, problem, remedy);
    }
    path.to_owned()
}

fn callback_path<'f>(found: &'f Found, public: Option<&Public>) -> Option<&'f str> {
    const TAKEN: &[&str] = &[
        "/authorize",
        "/token",
        "/register",
        "/revoke",
        "/consent",
        "/account",
        "/mcp",
        "/healthz",
        "/readyz",
    ];
    let text = found.text.trim();
    let path = if let Some(public) = public {
        text.strip_prefix(&*public.issuer)?
    } else {
        let rest = text.strip_prefix("http://");
        let rest = rest.filter(|_| Url::parse(text).is_ok())?;
        rest.get(rest.find('/')?..)?
    };
    let mut segments = path.strip_prefix('/')?.split('/');
    let is_free = !TAKEN.contains(&path) && segments.all(is_segment);
    is_free.then_some(path)
}
