//! A login at a provider: what it begins with, what the browser brings back, and who the person is.

use url::Url;

use super::roles::Unmapped;
use crate::secret::Secret;

/// A login that begins.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// Where the provider sends the browser back to: our callback.
    pub redirect_uri: &'a str,
    /// Comes back with the browser; the caller makes it, keeps it, and spends it.
    pub state: &'a Secret,
    /// Seconds since the person last proved who they are; more, and the provider asks again.
    pub max_age: Option<u64>,
}

/// Where the browser goes, and what must be kept for [`Provider::finish`].
#[derive(Clone, Debug)]
pub struct Begun {
    /// The authorization endpoint with the request in its query.
    pub url: Url,
    /// Will stand in the ID token.
    pub nonce: Secret,
    /// Proves that who redeems the code is who asked for it (RFC 7636).
    pub verifier: Secret,
}

/// What the browser brought back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The same as in [`Begin`].
    pub redirect_uri: &'a str,
    /// `code`
    pub code: &'a Secret,
    /// `iss` (RFC 9207)
    pub iss: Option<&'a str>,
    /// Of [`Begun`].
    pub nonce: &'a Secret,
    /// Of [`Begun`].
    pub verifier: &'a Secret,
}

/// What the provider says of a person.
#[derive(Clone, Debug)]
pub struct Login {
    /// The person's id at the provider, from the configured claim.
    pub subject: String,
    /// For people to read; not unique, and not checked by anybody.
    pub name: Option<String>,
    /// Roles that this server knows; none means that the person may not come in.
    pub roles: Vec<String>,
    /// Names of the claims that arrived, sorted; never values.
    pub claims: Vec<String>,
    /// Role rules that gave nothing, and why.
    pub unmapped: Vec<Unmapped>,
    /// To ask again with; none from [`Provider::refresh`] keeps the old one.
    pub refresh_token: Option<Secret>,
    /// When the person proved who they are, in seconds since the epoch.
    pub auth_time: Option<i64>,
}
