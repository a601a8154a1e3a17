//! A person who is signed in on our pages.

use crate::auth::browser::form_token;
use crate::store::{Purpose, User, WebLogin};

/// The sign-in, and whose it is.
pub(super) struct SignedIn {
    pub(super) login: WebLogin,
    pub(super) user: User,
}

impl SignedIn {
    /// The form of the account page.
    pub(super) const fn form(&self) -> form_token::Form {
        form_token::Form {
            purpose: Purpose::Account,
            owner: self.login.id,
        }
    }
}
