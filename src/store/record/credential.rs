//! Kestra credentials.

use crate::store::time::Ms;

/// A person's Kestra credential; the secret is sealed to person, URL and tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Random; the seal is bound to it.
    pub id: String,
    /// The person.
    pub user_id: String,
    /// Address of Kestra without a final slash.
    pub kestra_url: String,
    /// Tenant.
    pub tenant: String,
    /// `token` or `basic`.
    pub kind: String,
    /// Sealed.
    pub secret: Vec<u8>,
    /// The name of the account in Kestra, if Kestra tells it.
    pub kestra_user: Option<String>,
    /// When Kestra last took it; 0 when it refuses it by now.
    pub checked_at: Ms,
    /// When a call last used it.
    pub last_used: Option<Ms>,
}
