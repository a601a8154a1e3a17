//! A person who is signed in on our pages.

use crate::auth::browser::form_token;
use crate::store::{Purpose, User, WebLogin};

/// A person who is signed in.
pub(super) struct Owner {
    pub(super) login: WebLogin,
    pub(super) user: User,
}

impl Owner {
    /// The forms of the account.
    pub(super) const fn form(&self) -> form_token::Form {
        form_token::Form {
            purpose: Purpose::Account,
            owner: self.login.id,
        }
    }
}
