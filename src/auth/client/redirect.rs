//! Redirect URIs: which may be registered, and whether one that is asked for is registered.
//!
//! Both work on the bytes as they came. What is decoded, resolved or tidied before it is compared can
//! be made to look like something else.

use url::{Host, Url};

use crate::config::scheme;

/// Bytes of a redirect URI.
const LONGEST: usize = 2048;

/// The hosts that lead to the machine of the browser, as common clients spell them. They never stand
/// for each other.
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
    /// A web server: `https`, and not on the machine of the browser.
    Web,
    /// An app on the machine of the browser.
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

    /// Of `application_type`; what is not known is no type.
    pub fn of(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("native") => Some(Self::Native),
            Some("web") => Some(Self::Web),
            Some(_) => None,
        }
    }
}

/// Scheme and host, and what comes after the port, of a URI that leads to the machine of the browser.
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
        // Anything else goes on with the host, or is user information before another one.
        let ends = rest.is_empty() || rest.starts_with(['/', '?']);
        ends.then_some((*start, rest))
    })
}

/// Whether `uri` leads to the machine of the browser.
pub fn is_loopback(uri: &str) -> bool {
    loopback(uri).is_some()
}

/// Whether `asked` is the `registered` redirect URI: the same bytes, except for the port of one that
/// leads to the machine of the browser (RFC 8252, section 7.3).
pub fn matches(registered: &str, asked: &str) -> bool {
    registered == asked
        || match (loopback(registered), loopback(asked)) {
            (Some(registered), Some(asked)) => registered == asked,
            _ => false,
        }
}

/// Which schemes without a dot open the app of a client. A domain name in reverse order always does
/// (RFC 8252 section 7.1).
#[derive(Clone, Copy, Debug)]
pub enum Apps<'a> {
    /// Those that are named here, for a client that nobody vouches for.
    Listed(&'a [String]),
    /// Any that is not known to do something else, for a client that the operator wrote down.
    Trusted,
}

/// Whether `uri` may be registered.
///
/// # Errors
/// What is wrong with it, for the developer of the client.
pub fn check(uri: &str, application: Application, apps: Apps<'_>) -> Result<(), &'static str> {
    let odd = |byte: u8| !byte.is_ascii_graphic() || br#""<>\^`{|}"#.contains(&byte);
    if uri.len() > LONGEST {
        return Err("A redirect URI has more than 2048 bytes.");
    }
    if uri.bytes().any(odd) {
        return Err("A redirect URI has a character that URIs do not have.");
    }
    if uri.contains('#') {
        return Err("A redirect URI has a fragment.");
    }
    if uri.contains('*') {
        return Err("A redirect URI has a wildcard.");
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
        "http" => Err("A redirect URI with http does not lead to 127.0.0.1, [::1] or localhost."),
        _ if scheme::is_dangerous(name) => Err("The scheme of a redirect URI is not for apps."),
        _ if application == Application::Web => Err("A web application needs https."),
        _ if rest.is_empty() => Err("A redirect URI ends after its scheme."),
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
        return Err("A redirect URI has user information.");
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
        (Some(true), Application::Web) => Err("A web application is not on loopback."),
        (Some(_), _) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
