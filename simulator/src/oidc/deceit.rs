//! Protocol violations of a hostile provider.

use serde_json::Value;

/// A protocol violation, or an allowed but unusual behaviour.
#[derive(Clone, Debug)]
pub enum Deceit {
    /// Forge every ID token.
    IdToken(Forgery),
    /// Forge the ID tokens that refreshes return.
    RefreshedIdToken(Forgery),
    /// Forge every access token.
    AccessToken(Forgery),
    /// Return no ID token at all.
    NoIdToken,
    /// Return no ID token at a refresh (allowed by OpenID Connect Core 12.2).
    NoIdTokenAtRefresh,
    /// Do not rotate refresh tokens: the old one stays valid (allowed by RFC 6749 §6).
    NoRotation,
    /// Send this `iss` in the authorization response (RFC 9207); `None` omits it.
    ResponseIssuer(Option<String>),
    /// Answer authorization requests with this error.
    AuthorizeError {
        /// `error`
        error: String,
        /// `error_description`
        description: String,
    },
    /// Answer token requests with 400 and this error.
    TokenError {
        /// `error`
        error: String,
        /// `error_description`
        description: String,
    },
    /// Return another `sub` from the userinfo endpoint.
    UserinfoSubject(String),
    /// Publish another `issuer` in the discovery document.
    DiscoveryIssuer(String),
    /// Set a field of the discovery document.
    Discovery(String, Value),
}

/// A way to forge a token.
#[derive(Clone, Debug)]
pub enum Forgery {
    /// Set a claim, such as `iss`, `aud`, `azp`, `exp`, `nonce` or `sub`.
    Claim(&'static str, Value),
    /// Remove a claim.
    Without(&'static str),
    /// Set a header parameter, such as `typ` or `kid`; `None` removes it.
    Header(&'static str, Option<Value>),
    /// Flip a bit of the signature.
    Signature,
    /// Sign with another key, under the id of the published one.
    ForeignKey,
    /// Sign with a key whose id is not published.
    UnknownKey,
    /// `alg: none` and no signature.
    Unsigned,
    /// `alg: HS256`, with the published public key as secret.
    HmacOfPublicKey,
    /// `alg: HS256`, with the client secret.
    HmacOfClientSecret,
    /// Something that is not a JWT.
    Garbage,
}
