//! What a person sees in a browser: from views to HTML. Nothing here decides, asks or keeps
//! anything; every text that is inserted is escaped, cut and freed of what does not show.
//!
//! Complete without scripts, which the content security policy forbids anyway.

pub mod account;
pub mod consent;
pub mod done;
pub mod door;
pub mod fault;
mod layout;
pub mod login;
pub mod style;
pub mod target;
mod text;

use axum::body::Body;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// What a page may have to do with other pages: this decides two of its headers.
///
/// Checked in Chromium 148: `form-action` also governs where the answer to a POST redirects, and
/// `Cross-Origin-Opener-Policy` cuts `window.opener` for later pages of a popup too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A step of an authorization, perhaps in a popup of the client: its form leads to the identity
    /// provider, and the opener waits for the last page.
    Authorization,
    /// Our own pages: nothing of them leads elsewhere.
    Own,
    /// Our own page whose form leads to the identity provider.
    SignIn,
}

impl Surface {
    /// All of the policy: no scripts, no frames, nothing from elsewhere.
    const fn policy(self) -> &'static str {
        match self {
            Self::Authorization | Self::SignIn => {
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
            Self::Own => {
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                 form-action 'self'"
            }
        }
    }
}

/// A rendered page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    surface: Surface,
    html: String,
}

impl Page {
    /// The document.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The document as an answer, with all headers that a page has. `https` is whether this server
    /// is reached over TLS.
    pub fn answer(self, status: StatusCode, https: bool) -> Response {
        let mut response = Response::new(Body::from(self.html));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.extend(guards(self.surface, https));
        response
    }
}

/// The headers of every page.
fn guards(surface: Surface, https: bool) -> HeaderMap {
    const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    let mut headers = HeaderMap::new();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, surface.policy());
    set(X_FRAME_OPTIONS, "DENY");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(CACHE_CONTROL, "no-store");
    // Under `no-referrer` the POST of a form of this origin says `Origin: null`.
    set(REFERRER_POLICY, "same-origin");
    if surface != Surface::Authorization {
        set(OPENER, "same-origin");
    }
    if https {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    headers
}
