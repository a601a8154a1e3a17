//! Whose a credential is.

use crate::principal::Person;
use crate::store::User;

/// Whose a credential is: our id of the person, and what its seal is bound to.
#[derive(Clone, Copy)]
pub(in crate::auth) struct Owner<'a> {
    pub(super) user: &'a str,
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
}

impl<'a> From<&'a Person> for Owner<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            user: &person.user,
            issuer: &person.issuer,
            subject: &person.subject,
        }
    }
}

impl<'a> From<&'a User> for Owner<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            user: &user.id,
            issuer: &user.issuer,
            subject: &user.subject,
        }
    }
}
