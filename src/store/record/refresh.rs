//! Refresh tokens.

use super::grant::GrantOf;
use crate::store::hash::Hash;
use crate::store::time::Ms;

/// A refresh token of a family: all tokens of one grant.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Of the token.
    pub token: Hash,
    /// The family.
    pub grant_id: String,
    /// After that it is dead.
    pub expires: Ms,
}

/// What is known of a refresh token that a client showed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The token.
    pub token: RefreshToken,
    /// Its grant and person.
    pub of: GrantOf,
    /// When it was spent.
    pub used_at: Option<Ms>,
    /// The token that came after it: its hash, and itself, sealed under this one. It is forgotten some
    /// time after the grace.
    pub successor: Option<(Hash, Vec<u8>)>,
    /// Until when the same successor is returned again; none if that has long passed.
    pub grace_until: Option<Ms>,
    /// Whether the successor was itself spent.
    pub successor_used: bool,
}

/// What replaces a refresh token, all in one transaction.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The token that is spent.
    pub token: Hash,
    /// Its successor.
    pub successor: RefreshToken,
    /// The successor, sealed under the spent token.
    pub successor_box: Vec<u8>,
    /// Until then the same successor is given again.
    pub grace_until: Ms,
    /// What the provider said, if it was asked.
    pub checked: Option<Checked>,
}

/// The result of a check at the provider during a refresh.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Roles.
    pub roles: Vec<String>,
    /// When.
    pub at: Ms,
    /// The new refresh token of the provider, sealed; none leaves the old one in place.
    pub idp_refresh: Option<Vec<u8>>,
}
