//! What a person is asked before a client may act for them.

use std::time::Duration;

use maud::{Markup, html};

use super::layout::{Frame, hidden, name, span};
use super::target::{Redirect, Target};
use super::text::shown;
use super::{Page, Surface};

/// The question.
#[derive(Clone, Debug)]
pub struct Consent<'a> {
    /// The client's name, as it names itself.
    pub client: &'a str,
    /// The name of the Kestra. Not its URL: the reader has not signed in.
    pub kestra: &'a str,
    /// Who vouches for that name.
    pub standing: Standing<'a>,
    /// Where the answer goes.
    pub target: Target<'a>,
    /// What the client may do.
    pub rights: &'a [Right],
    /// How long the client may act, at most.
    pub lasts: Duration,
    /// The URL of the page on which it can be revoked.
    pub account: &'a str,
    /// Where the person signs in next; never empty.
    pub providers: &'a [Provider<'a>],
    /// The transaction that the question belongs to.
    pub transaction: &'a str,
    /// Binds the form to this rendering.
    pub form: &'a str,
}

/// Who vouches for the name of a client.
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
}

/// The field by which a person allows less than requested.
pub const ACCESS: &str = "access";
/// Its value: nothing that changes something.
pub const READ_ONLY: &str = "read";

impl Right {
    /// For people.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Read => "See namespaces, flows, executions with their data, triggers and apps",
            Self::Write => "Start and stop executions, save flows and apps",
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
            p {
                strong { (name(self.client)) } " asks to act for you in this Kestra: "
                strong { (name(self.kestra)) }
            }
            (self.standing.notice())
            h2 { "It will be able to" }
            ul { @for right in self.rights { li { (right.in_words()) } } }
            p.hint { "Never more than your own roles allow." }
            h2 { "For how long" }
            p {
                "For up to " (span(self.lasts)) ", even while you are away. Then it asks again. You can \
                 take it back at any time: " a href=(self.account) { (self.account) }
            }
            h2 { "Who gets this" }
            (self.target.notice())
            (self.caution())
            (self.question())
        };
        Frame {
            surface: Surface::Authorization,
            title: "Allow access to Kestra?",
            content,
        }
        .page()
    }

    /// What cannot be checked before a person approves. Anybody can have a website, and send people
    /// here from it; whoever is answered on the person's own computer is there already.
    fn caution(&self) -> Markup {
        match (self.target.redirect, self.standing) {
            (Redirect::Web { .. }, Standing::Operator) => html! {},
            (Redirect::Web { host }, Standing::Document { .. } | Standing::Unverified) => html! {
                p.box.warn {
                    strong { "Nobody has vouched for this website." }
                    " Whoever runs " strong { (shown(host, 300)) }
                    " will act for you. Approve only if you know it, and came from there just now."
                }
            },
            (Redirect::Loopback { .. } | Redirect::App { .. }, _) => html! {
                p.box { "Approve only if you started this yourself, on this computer, just now." }
            },
        }
    }

    fn question(&self) -> Markup {
        let sole = match self.providers {
            [sole] => Some(sole),
            _ => None,
        };
        html! {
            form method="post" action="/consent" {
                (hidden("txn", self.transaction))
                (hidden("form", self.form))
                @if self.rights.contains(&Right::Write) {
                    p.option {
                        input id=(ACCESS) type="checkbox" name=(ACCESS) value=(READ_ONLY) autocomplete="off";
                        label for=(ACCESS) { "Read only: it may look, and change nothing" }
                    }
                }
                @if let Some(provider) = sole {
                    p { "If you approve, you sign in at " strong { (shown(provider.host, 253)) } " next." }
                } @else {
                    p { "If you approve, you sign in next, where you choose." }
                }
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
                p.box {
                    strong { "Not verified." }
                    " The client chose its name itself, and nobody has checked who it is."
                }
            },
        }
    }
}
