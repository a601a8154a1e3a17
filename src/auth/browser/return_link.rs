//! The link on a page that leads back to a client.

use crate::auth::client::redirect;
use crate::pages::target::{Redirect, Target};

/// The way back to a client.
#[derive(Debug)]
pub(in crate::auth) struct Back<'a> {
    /// With the answer.
    pub(in crate::auth) address: String,
    /// As the client registered it.
    pub(in crate::auth) redirect_uri: &'a str,
}

/// Where an answer to `uri` goes, whose host is `host`.
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
