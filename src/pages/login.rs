//! Where to sign in.

use maud::html;

use super::layout::{Frame, hidden};
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

/// A provider to sign in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderChoice<'a> {
    /// The operator's name for it.
    pub id: &'a str,
    /// Its host.
    pub host: String,
}

/// The question where to sign in. Nobody is sent to a provider before they press a button of it: a
/// link on another site, or in a message, must not begin a sign-in.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// Why it is asked.
    pub why: Why,
    /// Where it can be; never empty.
    pub providers: &'a [ProviderChoice<'a>],
    /// The ticket of the link that led here.
    pub ticket: Option<&'a str>,
    /// Binds the form to this rendering.
    pub form: &'a str,
}

impl Login<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let (title, said) = match (self.why, self.providers) {
            (Why::Choice, [_]) => ("Sign in", "Sign in to see your account on this server."),
            (Why::Choice, _) => ("Sign in", "Choose where you sign in."),
            (Why::Over, _) => (
                "Sign in again",
                "Your sign-in on this page is over. Nothing was changed.",
            ),
            (Why::Out, _) => ("Signed out", "You are signed out in this browser."),
            (Why::OutEverywhere, _) => (
                "Signed out everywhere",
                "You are signed out in all browsers, and all clients are disconnected. What they \
                 may still do ends within seconds.",
            ),
        };
        let content = html! {
            p { (said) }
            form method="post" action="/account" {
                (hidden("action", "sign_in"))
                (hidden("form", self.form))
                @if let Some(ticket) = self.ticket { (hidden("t", ticket)) }
                div.choices {
                    @for provider in self.providers {
                        button.act type="submit" name="provider" value=(provider.id) {
                            "Sign in at " (shown(&provider.host, 253))
                        }
                    }
                }
            }
        };
        Frame {
            surface: Surface::SignIn,
            title,
            content,
        }
        .page()
    }
}
