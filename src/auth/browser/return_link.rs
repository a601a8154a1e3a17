//! The link on a page that returns to a client.

use crate::auth::client::redirect;
use crate::pages::target::{Redirect, Target};

/// A link that returns to a client.
#[derive(Debug)]
pub(in crate::auth) struct ReturnLink<'a> {
    /// The redirect URI with the answer.
    pub(in crate::auth) url: String,
    /// The redirect URI as the client registered it.
    pub(in crate::auth) redirect_uri: &'a str,
}

/// Where the redirect URI `uri`, whose host is `host`, leads.
pub(in crate::auth) fn target<'a>(uri: &'a str, host: &'a str) -> Target<'a> {
    let scheme = uri.split(':').next().unwrap_or_default();
    let redirect = if redirect::is_loopback(uri) {
        Redirect::Loopback { host }
    } else if matches!(scheme, "http" | "https") {
        Redirect::Web { host }
    } else {
        Redirect::App { scheme }
    };
    Target {
        redirect,
        address: uri,
    }
}
