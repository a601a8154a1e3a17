//! The Kestra credential on the account page. What was entered is never shown again.

use maud::{Markup, html};

use super::{act, hidden, moment};
use crate::pages::text::shown;

/// What is known of the credential.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// Everybody uses the operator's: nothing can be kept here.
    Shared,
    /// The person's own.
    Own {
        /// What is kept; none is nothing.
        kept: Option<Kept<'a>>,
        /// What can be entered.
        entry: Entry,
    },
}

/// A credential that is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// What it is.
    pub kind: Kind,
    /// Who it is at Kestra, where Kestra says.
    pub account: Option<&'a str>,
    /// When Kestra last took it, in milliseconds since the epoch; none: Kestra refuses it by now.
    pub accepted: Option<i64>,
    /// When a call last used it.
    pub used: Option<i64>,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An API token of Kestra Enterprise.
    Token,
    /// A user name and a password.
    Basic,
}

/// What can be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The fields.
    pub fields: Fields,
    /// Whether a user name and password may be used to change things.
    pub basic_writes: bool,
}

/// The fields of the form, by what is known of Kestra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Kestra Enterprise.
    Token,
    /// Open source.
    Basic,
    /// It is not known which Kestra this is.
    Either,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `token`
    Token,
    /// `username`
    Username,
    /// `password`
    Password,
}

impl Field {
    /// Its name and its id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Username => "username",
            Self::Password => "password",
        }
    }
}

/// Why what was entered was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field that it is about; none is all of the form.
    pub field: Option<Field>,
    /// A sentence.
    pub text: &'static str,
}

impl Problem {
    pub(super) fn summary(self) -> Markup {
        html! {
            div.box.error role="alert" {
                p {
                    strong { "Not saved. " }
                    @match self.field {
                        Some(field) => a href={ "#" (field.as_str()) } { (self.text) },
                        None => (self.text),
                    }
                }
            }
        }
    }
}

impl Credential<'_> {
    pub(super) fn section(&self, form: &str, problem: Option<Problem>) -> Markup {
        match self {
            Self::Shared => html! {
                p.box { "All people use one account of this Kestra, which the operator chose. There is nothing to enter." }
            },
            Self::Own { kept, entry } => html! {
                (kept.as_ref().map_or_else(|| html! {
                    p.box { "No credential is saved: calls to Kestra are refused until you save one." }
                }, |kept| kept.section(form)))
                (entry.section(form, kept.is_some(), problem))
            },
        }
    }
}

impl Kept<'_> {
    fn section(&self, form: &str) -> Markup {
        html! {
            dl {
                dt { "Saved credential" }
                dd {
                    @match self.kind {
                        Kind::Token => "API token",
                        Kind::Basic => "user name and password",
                    }
                    @if let Some(account) = self.account { " of " bdi { (shown(account, 100)) } }
                }
                @if let Some(accepted) = self.accepted {
                    dt { "Accepted by Kestra" }
                    dd { (moment(accepted)) }
                }
                dt { "Last used" }
                dd { @if let Some(used) = self.used { (moment(used)) } @else { "never" } }
            }
            @if self.accepted.is_none() {
                p.box.warn { "Kestra no longer accepts it. Save another one." }
            }
            (act(form, "remove", None, "harm", "Remove"))
        }
    }
}

impl Entry {
    fn section(self, form: &str, replaces: bool, problem: Option<Problem>) -> Markup {
        let token = matches!(self.fields, Fields::Token | Fields::Either);
        let basic = matches!(self.fields, Fields::Basic | Fields::Either);
        let heading = if replaces { "Replace it" } else { "Save one" };
        html! {
            h3 { (heading) }
            @if self.fields == Fields::Either {
                p.hint { "Kestra Enterprise takes an API token, open source a user name and a password." }
            }
            @if token {
                form method="post" action="/account" autocomplete="off" {
                    (hidden("form", form))
                    (hidden("action", "save"))
                    (input(Field::Token, "Kestra API token", problem))
                    p.hint { "Made in Kestra, on the page of your user. It should belong to an ordinary account, not to an administrator." }
                    div.choices { button.act type="submit" { "Save" } }
                }
            }
            @if basic {
                form method="post" action="/account" autocomplete="off" {
                    (hidden("form", form))
                    (hidden("action", "save"))
                    (input(Field::Username, "Kestra user name", problem))
                    (input(Field::Password, "Kestra password", problem))
                    p.box.warn {
                        "Open-source Kestra has one account, which everybody shares and which may do everything. "
                        @if self.basic_writes { "The operator lets clients change things with it." }
                        @else { "With it, clients may only read." }
                    }
                    div.choices { button.act type="submit" { "Save" } }
                }
            }
        }
    }
}

fn input(field: Field, label: &str, problem: Option<Problem>) -> Markup {
    let id = field.as_str();
    let problem = problem.filter(|problem| problem.field == Some(field));
    let kind = match field {
        Field::Token | Field::Password => "password",
        Field::Username => "text",
    };
    let about = format!("{id}-fault");
    html! {
        label for=(id) { (label) }
        input #(id) type=(kind) name=(id) required autocomplete="off" autocapitalize="none"
            spellcheck="false" maxlength="4096"
            aria-invalid=[problem.map(|_| "true")]
            aria-describedby=[problem.map(|_| about.as_str())];
        @if let Some(problem) = problem { p.fault id=(about) { (problem.text) } }
    }
}
