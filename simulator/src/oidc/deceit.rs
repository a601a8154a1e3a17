//! What a hostile provider does.

use serde_json::Value;

/// A lie of the provider.
#[derive(Clone, Debug)]
pub enum Deceit {
    /// In every ID token.
    IdToken(Forgery),
    /// In ID tokens that come with a refresh.
    RefreshedIdToken(Forgery),
    /// In every access token.
    AccessToken(Forgery),
    /// No ID token at all.
    NoIdToken,
    /// No ID token at a refresh (allowed: OpenID Connect Core 12.2).
    NoIdTokenAtRefresh,
    /// The old refresh token stays valid, and no new one comes (allowed: RFC 6749 §6).
    NoRotation,
    /// This `iss` in the answer to the browser (RFC 9207); none leaves it out.
    ResponseIssuer(Option<String>),
    /// The browser comes back with an error.
    AuthorizeError {
        /// `error`
        error: String,
        /// `error_description`
        description: String,
    },
    /// The token endpoint answers 400 with this error.
    TokenError {
        /// `error`
        error: String,
        /// `error_description`
        description: String,
    },
    /// The userinfo endpoint tells of another person.
    UserinfoSubject(String),
    /// Another `issuer` in the discovery document.
    DiscoveryIssuer(String),
    /// Another value, or an additional one, in the discovery document.
    Discovery(String, Value),
}

/// What is wrong with a token.
#[derive(Clone, Debug)]
pub enum Forgery {
    /// Another value of a claim, such as `iss`, `aud`, `azp`, `exp`, `nonce` or `sub`.
    Claim(&'static str, Value),
    /// A claim is missing.
    Without(&'static str),
    /// Another value of the header, such as `typ` or `kid`; none leaves it out.
    Header(&'static str, Option<Value>),
    /// A flipped bit in the signature.
    Signature,
    /// Signed by somebody else's key, under the id of the published one.
    ForeignKey,
    /// Signed by a key under an id that is never published.
    UnknownKey,
    /// `alg: none` and no signature.
    Unsigned,
    /// `alg: HS256`, keyed with the published public key.
    HmacOfPublicKey,
    /// `alg: HS256`, keyed with the secret of the client.
    HmacOfClientSecret,
    /// Not a token.
    Garbage,
}
