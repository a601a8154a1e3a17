//! Where the answer to a client goes: a person sees all of it before anything goes there.

use maud::{Markup, html};

use super::text::{shown, whole};

/// A redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// What it leads to.
    pub redirect: Redirect<'a>,
    /// All of it.
    pub address: &'a str,
}

/// What a redirect URI leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirect<'a> {
    /// A web server.
    Web {
        /// The whole host, in ASCII.
        host: &'a str,
    },
    /// A program on the person's computer.
    Loopback {
        /// `127.0.0.1`, `[::1]` or `localhost`, with the port.
        host: &'a str,
    },
    /// A program that is registered for a scheme.
    App {
        /// Without colon.
        scheme: &'a str,
    },
}

impl Target<'_> {
    /// What it leads to, in words, and the whole URI.
    pub(super) fn notice(self) -> Markup {
        html! {
            (self.redirect.in_words())
            p { "The whole address: " code.target { (whole(self.address)) } }
        }
    }
}

impl Redirect<'_> {
    fn in_words(self) -> Markup {
        match self {
            Self::Web { host } => html! { p { "The website " strong { (shown(host, 300)) } } },
            Self::Loopback { host } => {
                html! { p { "A program on this computer, at " strong { (shown(host, 300)) } } }
            }
            Self::App { scheme } => {
                html! { p { "The app that opens " strong { (shown(scheme, 100)) ":" } " links here" } }
            }
        }
    }
}
