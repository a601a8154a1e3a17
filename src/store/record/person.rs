//! People, and their sign-ins on our pages with tickets and form tokens.

use crate::store::hash::Hash;
use crate::store::time::Ms;

/// A person who signed in once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Ours, random.
    pub id: String,
    /// The identity provider.
    pub issuer: String,
    /// The person's id there.
    pub subject: String,
    /// For people to read.
    pub name: String,
    /// When an operator disabled the person.
    pub disabled_at: Option<Ms>,
}

/// What a form token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The account page of the sign-in that is the owner.
    Account,
}

impl Purpose {
    /// As the database stores it.
    pub(in crate::store) const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
        }
    }
}

/// One rendering of a form, bound to the browser that got it.
#[derive(Clone, Debug)]
pub struct FormToken {
    /// Of the hidden field.
    pub value: Hash,
    /// The form.
    pub purpose: Purpose,
    /// What it belongs to: a sign-in.
    pub owner: Hash,
    /// Of the cookie that was set with the page.
    pub cookie: Hash,
    /// After that it is gone.
    pub expires: Ms,
}

/// A sign-in of a person on our own pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLogin {
    /// Of the cookie.
    pub id: Hash,
    /// The person.
    pub user_id: String,
    /// The configured id of the provider.
    pub provider: String,
    /// Roles as of the login.
    pub roles: Vec<String>,
    /// When the person logged in.
    pub auth_time: Ms,
    /// When a page was last shown.
    pub last_seen: Ms,
    /// The absolute end.
    pub expires: Ms,
}

/// A link that only the person who asked for it may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Of the value in the link.
    pub id: Hash,
    /// Who asked.
    pub user_id: String,
    /// After that it is gone.
    pub expires: Ms,
}
