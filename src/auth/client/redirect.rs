//! Redirect URIs: which may be registered, and whether a requested one is registered.
//!
//! Both compare bytes as they came. A URI that is decoded, resolved or normalized before it is
//! compared can be made to look like another.

use url::{Host, Url};

use crate::config::scheme;

/// Bytes of a redirect URI.
const LONGEST: usize = 2048;

/// Loopback origins, as common clients write them. They are never interchangeable.
const LOOPBACK: &[&str] = &[
    "http://127.0.0.1",
    "http://[::1]",
    "http://localhost",
    "https://127.0.0.1",
    "https://[::1]",
    "https://localhost",
];

/// `application_type` (OpenID Connect Registration, section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Application {
    /// A web server: `https`, and not on loopback.
    Web,
    /// An app on the device of the browser.
    #[default]
    Native,
}

impl Application {
    /// As clients write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }

    /// Parses `application_type`; none for an unknown value.
    pub fn of(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("native") => Some(Self::Native),
            Some("web") => Some(Self::Web),
            Some(_) => None,
        }
    }
}

/// The loopback origin of a URI, and what follows its port.
fn loopback(uri: &str) -> Option<(&'static str, &str)> {
    LOOPBACK.iter().find_map(|start| {
        let after = uri.strip_prefix(start)?;
        let rest = match after.strip_prefix(':') {
            None => after,
            Some(port) => {
                let rest = port.trim_start_matches(|next: char| next.is_ascii_digit());
                let digits = port.strip_suffix(rest)?;
                let number: u16 = digits.parse().ok()?;
                (number > 0 && !digits.starts_with('0')).then_some(rest)?
            }
        };
        // Anything else continues the host, or is user information in front of another host.
        let ends = rest.is_empty() || rest.starts_with(['/', '?']);
        ends.then_some((*start, rest))
    })
}

/// Whether `uri` leads to loopback, which is the device of the browser.
pub fn is_loopback(uri: &str) -> bool {
    loopback(uri).is_some()
}

/// Whether `requested` is the `registered` redirect URI: the same bytes, except for the port of a
/// loopback URI (RFC 8252 section 7.3).
pub fn matches(registered: &str, requested: &str) -> bool {
    registered == requested
        || match (loopback(registered), loopback(requested)) {
            (Some(registered), Some(requested)) => registered == requested,
            _ => false,
        }
}

/// Which schemes without a dot may open an app. A domain name in reverse order always may (RFC 8252
/// section 7.1).
#[derive(Clone, Copy, Debug)]
pub enum Apps<'a> {
    /// Those listed here, for a client that the operator does not vouch for.
    Listed(&'a [String]),
    /// Any that is not known to do something else, for a client that the operator configured.
    Trusted,
}

/// Whether `uri` may be registered.
///
/// # Errors
/// What is wrong with it, for the developer of the client.
pub fn check(uri: &str, application: Application, apps: Apps<'_>) -> Result<(), &'static str> {
    let odd = |byte: u8| !byte.is_ascii_graphic() || br#""<>\^`{|}"#.contains(&byte);
    if uri.len() > LONGEST {
        return Err("A redirect URI is longer than 2048 bytes.");
    }
    if uri.bytes().any(odd) {
        return Err("A redirect URI contains a character that URIs may not contain.");
    }
    if uri.contains('#') {
        return Err("A redirect URI contains a fragment.");
    }
    if uri.contains('*') {
        return Err("A redirect URI contains a wildcard.");
    }
    let Some((name, rest)) = uri.split_once(':') else {
        return Err("A redirect URI is not absolute.");
    };
    if !scheme::is_plain(name) {
        return Err("The scheme of a redirect URI is not in lower case.");
    }
    match name {
        "https" => https(uri, application),
        "http" if application == Application::Native && is_loopback(uri) => Ok(()),
        "http" => Err("A redirect URI with http must lead to 127.0.0.1, [::1] or localhost."),
        _ if scheme::is_dangerous(name) => Err("The scheme of a redirect URI is not one for apps."),
        _ if application == Application::Web => Err("A web application needs https."),
        _ if rest.is_empty() => Err("A redirect URI is empty after its scheme."),
        _ if opens_an_app(name, apps) => Ok(()),
        _ => Err(
            "The scheme of a redirect URI is neither a domain name in reverse order, such as \
             com.example.app, nor one that this server lists.",
        ),
    }
}

fn opens_an_app(name: &str, apps: Apps<'_>) -> bool {
    let is_listed = match apps {
        Apps::Listed(names) => names.iter().any(|known| known == name),
        Apps::Trusted => !name.contains('.'),
    };
    is_listed || scheme::is_reverse_domain(name)
}

fn https(uri: &str, application: Application) -> Result<(), &'static str> {
    let Some(rest) = uri.strip_prefix("https://") else {
        return Err("A redirect URI has no host.");
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("A redirect URI contains user information.");
    }
    let host = Url::parse(uri).ok().and_then(|url| {
        Some(match url.host()? {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Host::Ipv4(address) => address.is_loopback() || address.is_unspecified(),
            Host::Ipv6(address) => {
                let inner = address.to_ipv4_mapped();
                address.is_loopback()
                    || address.is_unspecified()
                    || inner.is_some_and(|inner| inner.is_loopback() || inner.is_unspecified())
            }
        })
    });
    match (host, application) {
        (None, _) => Err("A redirect URI has no host."),
        (Some(true), Application::Web) => Err("A redirect URI of a web application must not lead \
                                               to loopback."),
        (Some(_), _) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
