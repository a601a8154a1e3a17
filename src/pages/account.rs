//! The account page: a person's Kestra credential and clients.

mod button;
mod credential;

use std::borrow::Cow;

use maud::{Markup, html};

use super::layout::{Frame, moment, name};
use super::text::shown;
use super::{Page, Surface};
use crate::tool::Access;
use button::act;

pub use credential::{Credential, Entry, Field, Fields, KIND, Kept, Kind, Problem};

/// The account of the person who is signed in.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The person.
    pub person: &'a str,
    /// The host of the provider where the person signed in.
    pub provider: &'a str,
    /// Roles, as of the sign-in.
    pub roles: &'a [Role<'a>],
    /// How far anybody goes with the credential that is used.
    pub access: Access,
    /// The Kestra that is used.
    pub kestra: Kestra<'a>,
    /// What is known of the credential.
    pub credential: Credential<'a>,
    /// Connected clients.
    pub clients: &'a [Client<'a>],
    /// Binds the forms to this rendering.
    pub form: &'a str,
    /// Why the input was not accepted.
    pub problem: Option<Problem>,
    /// Of which kind that was.
    pub entered: Option<Kind>,
}

/// A role and what it allows.
#[derive(Clone, Debug)]
pub struct Role<'a> {
    /// Its name.
    pub name: &'a str,
    /// What one may do by it, after "may".
    pub allows: Vec<Cow<'a, str>>,
    /// What it denies, whatever other roles allow.
    pub denies: Vec<Cow<'a, str>>,
}

/// Where calls go.
#[derive(Clone, Copy, Debug)]
pub struct Kestra<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Its URL; none if the operator configured none.
    pub address: Option<&'a str>,
    /// The tenant.
    pub tenant: &'a str,
}

/// A client that may act for the person.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// The grant.
    pub grant: &'a str,
    /// As the client names itself.
    pub name: &'a str,
    /// Whether it may change things.
    pub writes: bool,
    /// When it was connected, in milliseconds since the epoch.
    pub since: i64,
    /// When that ends by itself.
    pub until: i64,
    /// When it was last used; none means never.
    pub used: Option<i64>,
}

impl Account<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let content = html! {
            @if let Some(problem) = self.problem { (problem.summary()) }
            (self.who())
            section aria-labelledby="kestra" {
                h2 #kestra { "Kestra" }
                dl {
                    dt { "Name" }
                    dd { (name(self.kestra.name)) }
                    dt { "Address" }
                    dd { (self.kestra.address.map_or_else(|| "not configured".to_owned(), |address| shown(address, 300))) }
                    dt { "Tenant" }
                    dd { (shown(self.kestra.tenant, 150)) }
                }
                (self.credential.section(self.form, self.problem, self.entered))
            }
            (self.connected())
            section aria-labelledby="sessions" {
                h2 #sessions { "Sign out" }
                div.choices {
                    (self.act("sign_out", None, "", "Sign out"))
                    (self.act("sign_out_everywhere", None, "", "Sign out everywhere"))
                }
                p.hint { "Everywhere: in all browsers, and every client is disconnected. The Kestra credential stays." }
            }
        };
        Frame {
            surface: Surface::Own,
            title: "Your account",
            content,
        }
        .page()
    }

    fn who(&self) -> Markup {
        html! {
            dl {
                dt { "Signed in as" }
                dd { (name(self.person)) }
                dt { "At" }
                dd { (shown(self.provider, 253)) }
                dt { "Roles" }
                @if self.roles.is_empty() { dd { "none" } }
                @for role in self.roles { dd { (role.in_words()) } }
                @if self.access == Access::ReadOnly {
                    dd.hint { "Whatever roles allow, nothing can be changed: this server only reads." }
                }
            }
        }
    }

    fn connected(&self) -> Markup {
        html! {
            section aria-labelledby="clients" {
                h2 #clients { "Connected clients" }
                @if self.clients.is_empty() { p { "None." } }
                @else {
                    ul.rows {
                        @for client in self.clients {
                            li.box {
                                p { strong { (name(client.name)) } }
                                p.hint {
                                    @if client.writes && self.access == Access::Full { "May read and change. " }
                                    @else { "May read, and change nothing. " }
                                    @if let Some(used) = client.used { "Last used " (moment(used)) ". " }
                                    @else { "Not used yet. " }
                                    "Connected " (moment(client.since)) ", until " (moment(client.until)) "."
                                }
                                (self.act("disconnect", Some(client.grant), "", "Disconnect"))
                            }
                        }
                    }
                }
            }
        }
    }

    fn act(&self, action: &str, grant: Option<&str>, class: &str, words: &str) -> Markup {
        act(self.form, action, grant, class, words)
    }
}

impl Role<'_> {
    /// What it gives and takes away, as sentences.
    fn in_words(&self) -> Markup {
        html! {
            "As " strong { (shown(self.name, 100)) } " you may "
            @if self.allows.is_empty() { "do nothing" } @else { (listed(&self.allows, "and")) }
            "."
            @if !self.denies.is_empty() {
                " You may not " (listed(&self.denies, "or")) ", whatever other roles say."
            }
        }
    }
}

/// `a, b and c`.
fn listed(all: &[Cow<'_, str>], last: &str) -> String {
    match all {
        [] => String::new(),
        [sole] => sole.to_string(),
        [before @ .., end] => format!("{} {last} {end}", before.join(", ")),
    }
}
