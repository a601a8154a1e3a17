//! What a person is asked before a client may act for them.

use maud::{Markup, html};

use super::layout::{Frame, hidden, name};
use super::target::Target;
use super::text::shown;
use super::{Page, Surface};

/// The question.
#[derive(Clone, Debug)]
pub struct Consent<'a> {
    /// The client's name, as it says itself.
    pub client: &'a str,
    /// What stands behind that name.
    pub standing: Standing<'a>,
    /// Where the answer goes.
    pub target: Target<'a>,
    /// What the client may do.
    pub rights: &'a [Right],
    /// Where the person signs in next; never empty.
    pub providers: &'a [Provider<'a>],
    /// The transaction that the question belongs to.
    pub transaction: &'a str,
    /// Binds the form to this rendering.
    pub form: &'a str,
}

/// What stands behind the name of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// The operator registered it.
    Operator,
    /// A document on this host describes it.
    Document {
        /// The host.
        host: &'a str,
    },
    /// It registered itself.
    Unverified,
}

/// A right that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// `kestra:read`
    Read,
    /// `kestra:write`
    Write,
    /// `offline_access`
    Offline,
}

impl Right {
    /// For people.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Read => "See namespaces, flows, executions with their data, triggers and apps",
            Self::Write => "Start and stop executions, save flows and apps",
            Self::Offline => "Stay connected when you are away, until you disconnect it",
        }
    }
}

/// An identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider<'a> {
    /// The operator's name for it.
    pub id: &'a str,
    /// Its host.
    pub host: &'a str,
}

impl Consent<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let content = html! {
            p { (name(self.client)) " asks to use Kestra for you." }
            (self.standing.notice())
            h2 { "It will be able to" }
            ul { @for right in self.rights { li { (right.in_words()) } } }
            p.hint { "Never more than your own roles allow." }
            h2 { "The answer goes to" }
            (self.target.notice())
            @if let Some(warning) = self.target.redirect.warning() { p.box.warn { (warning) } }
            (self.question())
        };
        Frame {
            surface: Surface::Authorization,
            title: "Allow access to Kestra?",
            content,
        }
        .page()
    }

    fn question(&self) -> Markup {
        let sole = match self.providers {
            [sole] => Some(sole),
            _ => None,
        };
        html! {
            @if let Some(provider) = sole {
                p { "If you approve, you sign in at " strong { (shown(provider.host, 253)) } " next." }
            } @else {
                p { "If you approve, you sign in next, where you choose." }
            }
            form method="post" action="/consent" {
                (hidden("txn", self.transaction))
                (hidden("form", self.form))
                div.choices {
                    button type="submit" name="decision" value="deny" { "Deny" }
                    @if let Some(provider) = sole {
                        button.act type="submit" name="provider" value=(provider.id) { "Approve" }
                    } @else {
                        @for provider in self.providers {
                            button.act type="submit" name="provider" value=(provider.id) {
                                "Approve, sign in at " (shown(provider.host, 253))
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Standing<'_> {
    fn notice(self) -> Markup {
        match self {
            Self::Operator => html! {
                p.box { "Registered by the operator of this server." }
            },
            Self::Document { host } => html! {
                p.box { "Published by " strong { (shown(host, 253)) } ". The name is its own." }
            },
            Self::Unverified => html! {
                p.box.warn {
                    strong { "Not verified." }
                    " The client chose its name itself, and nobody has checked who it is."
                }
            },
        }
    }
}
