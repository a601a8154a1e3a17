//! The steps of a login at a provider as values: its beginning, its response, and the person.

use url::Url;

use super::roles::Unmapped;
use crate::secret::Secret;

/// The beginning of a login.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// The redirect URI: our callback.
    pub redirect_uri: &'a str,
    /// The `state`. The caller creates it, stores it, and spends it.
    pub state: &'a Secret,
    /// Seconds since the person last authenticated. If it was longer ago, the provider asks again.
    pub max_age: Option<u64>,
}

/// Where to send the browser, and what [`Provider::finish`] needs later.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The URL of the authentication request.
    pub url: Url,
    /// The nonce that the ID token must contain.
    pub nonce: Secret,
    /// The PKCE verifier (RFC 7636).
    pub verifier: Secret,
}

/// The authorization response.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The same as in [`Begin`].
    pub redirect_uri: &'a str,
    /// `code`
    pub code: &'a Secret,
    /// `iss` (RFC 9207)
    pub iss: Option<&'a str>,
    /// From [`Begun`].
    pub nonce: &'a Secret,
    /// From [`Begun`].
    pub verifier: &'a Secret,
}

/// A person, as the provider describes them.
#[derive(Clone, Debug)]
pub struct Login {
    /// The person's id at the provider, from the configured claim.
    pub subject: String,
    /// A name for people to read; neither unique nor verified.
    pub name: Option<String>,
    /// Roles that exist on this server; none means that the person may not come in.
    pub roles: Vec<String>,
    /// The names of the claims that arrived, sorted; never their values.
    pub claims: Vec<String>,
    /// Role rules that gave no role, and why.
    pub unmapped: Vec<Unmapped>,
    /// The refresh token; none from [`Provider::refresh`] means that the old one stays valid.
    pub refresh_token: Option<Secret>,
    /// When the person authenticated, in seconds since the epoch.
    pub auth_time: Option<i64>,
}
