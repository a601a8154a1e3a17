//! Where to sign in.

use maud::html;

use super::layout::Frame;
use super::text::shown;
use super::{Page, Surface};

/// Why a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There are several providers to choose from.
    Choice,
    /// The sign-in is over, or there was none.
    Over,
    /// The person signed out here.
    Out,
    /// The person signed out everywhere.
    OutEverywhere,
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The address of a link.
    pub address: String,
    /// The host of the provider.
    pub host: String,
}

/// The page: links, not forms, since a form of our own pages may not lead to a provider.
pub fn page(why: Why, ways: &[Way]) -> Page {
    let (title, said) = match why {
        Why::Choice => ("Sign in", "Choose where you sign in."),
        Why::Over => (
            "Sign in again",
            "Your sign-in on this page is over. Nothing was changed.",
        ),
        Why::Out => ("Signed out", "You are signed out in this browser."),
        Why::OutEverywhere => (
            "Signed out everywhere",
            "You are signed out in all browsers, and all clients are disconnected. What they may \
             still do ends within seconds.",
        ),
    };
    let content = html! {
        p { (said) }
        p.choices {
            @for way in ways {
                a.button.act href=(way.address) { "Sign in at " (shown(&way.host, 253)) }
            }
        }
    };
    Frame {
        surface: Surface::Own,
        title,
        content,
    }
    .page()
}
