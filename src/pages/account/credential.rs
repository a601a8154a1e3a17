//! The Kestra credential on the account page. What was entered is never shown again.

use maud::{Markup, html};

use super::button::act;
use crate::pages::layout::{hidden, moment};
use crate::pages::text::shown;

/// What is known of the credential.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// Everybody uses the operator's: no personal one can be stored.
    Shared,
    /// The person's own.
    Own {
        /// The stored credential, if any.
        kept: Option<Kept<'a>>,
        /// What can be entered.
        entry: Entry,
    },
}

/// A stored credential.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// What it is.
    pub kind: Kind,
    /// The name of the account in Kestra, if Kestra tells it.
    pub account: Option<&'a str>,
    /// When Kestra last accepted it, in milliseconds since the epoch; none if Kestra refuses it now.
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

/// The field that says what is entered, if both are possible.
pub const KIND: &str = "kind";

impl Kind {
    /// All kinds, each with its value of [`KIND`].
    const ALL: [Self; 2] = [Self::Token, Self::Basic];

    /// Its value of [`KIND`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Basic => "basic",
        }
    }

    /// The kind of that value.
    pub fn named(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == value)
    }

    /// The label of the choice.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Token => "An API token (Kestra Enterprise)",
            Self::Basic => "A user name and a password (open source)",
        }
    }
}

/// What can be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The fields.
    pub fields: Fields,
    /// Whether a user name and password may be used to change things.
    pub basic_writes: bool,
}

/// The fields of the form, depending on what is known of Kestra.
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

/// Why the input was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field that it is about; none means the whole form.
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
    pub(super) fn section(
        &self,
        form: &str,
        problem: Option<Problem>,
        entered: Option<Kind>,
    ) -> Markup {
        match self {
            Self::Shared => html! {
                p.box { "All people use one account of this Kestra, which the operator chose. There is nothing to enter." }
            },
            Self::Own { kept, entry } => html! {
                (kept.as_ref().map_or_else(|| html! {
                    p.box { "No credential is saved: calls to Kestra are refused until you save one." }
                }, |kept| kept.section(form)))
                (entry.section(form, kept.is_some(), problem, entered))
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
                        Kind::Token => "An API token",
                        Kind::Basic => "A user name and a password",
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
    fn section(
        self,
        form: &str,
        replaces: bool,
        problem: Option<Problem>,
        entered: Option<Kind>,
    ) -> Markup {
        let kinds: &[Kind] = match self.fields {
            Fields::Token => &[Kind::Token],
            Fields::Basic => &[Kind::Basic],
            Fields::Either => &Kind::ALL,
        };
        let chosen = entered.unwrap_or(Kind::Token);
        let asks = kinds.len() > 1;
        let heading = if replaces { "Replace it" } else { "Save one" };
        html! {
            h3 { (heading) }
            form.credential method="post" action="/account" autocomplete="off" {
                (hidden("form", form))
                (hidden("action", "save"))
                @if asks {
                    fieldset {
                        legend { "What do you have?" }
                        @for kind in kinds {
                            @let id = format!("{KIND}-{}", kind.as_str());
                            p.option {
                                input id=(id) type="radio" name=(KIND) value=(kind.as_str())
                                    checked[*kind == chosen] autocomplete="off";
                                label for=(id) { (kind.in_words()) }
                            }
                        }
                    }
                }
                @for kind in kinds {
                    div class={ "of-" (kind.as_str()) } { (self.fields_of(*kind, asks, problem)) }
                }
                div.choices { button.act type="submit" { "Save" } }
            }
        }
    }

    /// The fields of a kind. Where there are others, a browser must not insist on these.
    fn fields_of(self, kind: Kind, asks: bool, problem: Option<Problem>) -> Markup {
        match kind {
            Kind::Token => html! {
                (input(Field::Token, "Kestra API token", !asks, problem))
                p.hint { "Made in Kestra, on the page of your user. It should belong to an ordinary account, not to an administrator." }
            },
            Kind::Basic => html! {
                (input(Field::Username, "Kestra user name", !asks, problem))
                (input(Field::Password, "Kestra password", !asks, problem))
                p.box.warn {
                    "Open-source Kestra has one account, which everybody shares and which may do everything. "
                    @if self.basic_writes { "The operator lets clients change things with it." }
                    @else { "With it, clients may only read." }
                }
            },
        }
    }
}

fn input(field: Field, label: &str, required: bool, problem: Option<Problem>) -> Markup {
    let id = field.as_str();
    let problem = problem.filter(|problem| problem.field == Some(field));
    let kind = match field {
        Field::Token | Field::Password => "password",
        Field::Username => "text",
    };
    let about = format!("{id}-fault");
    html! {
        label for=(id) { (label) }
        input #(id) type=(kind) name=(id) required[required] autocomplete="off" autocapitalize="none"
            spellcheck="false" maxlength="4096"
            aria-invalid=[problem.map(|_| "true")]
            aria-describedby=[problem.map(|_| about.as_str())];
        @if let Some(problem) = problem { p.fault id=(about) { (problem.text) } }
    }
}
