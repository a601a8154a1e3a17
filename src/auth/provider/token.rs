//! Verifies the tokens of a provider: signature, issuer, audience and time (OpenID Connect Core
//! 3.1.3.7).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier};
use openidconnect::{ClaimsVerificationError, JsonWebTokenType, Nonce, SignatureVerificationError};
use serde_json::Value;

use super::algorithms::ALGORITHMS;
use super::discovered::Discovered;

/// Audiences of a token that the log names.
const NAMED: usize = 8;
/// Characters of each audience, and of an algorithm's name, in the log.
const SHOWN: usize = 100;
/// How far the clocks of two machines may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// Header types of access tokens: RFC 9068, and the one in use before it.
const ACCESS: [&str; 2] = ["JWT", "at+jwt"];

/// Which token is expected.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected<'a> {
    /// The ID token; with this nonce, if one was requested now.
    Id(Option<&'a Nonce>),
    /// The access token, which is meant for other servers, but was issued to us.
    Access,
}

/// Why a token is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvalidToken {
    /// No known key has its key id.
    UnknownKey,
    Signature,
    /// Its algorithm is not accepted.
    Algorithm,
    Issuer,
    Audience,
    /// `azp`: it was issued to another client.
    Party,
    Expired,
    /// `nbf`: it is not valid yet.
    Early,
    Nonce,
    /// Anything else.
    Form,
}

impl InvalidToken {
    pub(super) const fn what(self, expected: Expected<'_>) -> &'static str {
        match (expected, self) {
            (Expected::Id(_), Self::UnknownKey) => "key of the ID token",
            (Expected::Id(_), Self::Signature | Self::Algorithm) => "signature of the ID token",
            (Expected::Id(_), Self::Issuer) => "iss of the ID token",
            (Expected::Id(_), Self::Audience) => "aud of the ID token",
            (Expected::Id(_), Self::Party) => "azp of the ID token",
            (Expected::Id(_), Self::Expired) => "exp of the ID token",
            (Expected::Id(_), Self::Early) => "nbf of the ID token",
            (Expected::Id(_), Self::Nonce) => "nonce of the ID token",
            (Expected::Id(_), Self::Form) => "ID token",
            (Expected::Access, Self::UnknownKey) => "key of the access token",
            (Expected::Access, Self::Signature | Self::Algorithm) => {
                "signature of the access token"
            }
            (Expected::Access, Self::Issuer) => "iss of the access token",
            (Expected::Access, Self::Party) => "azp of the access token",
            (Expected::Access, Self::Expired) => "exp of the access token",
            (Expected::Access, Self::Early) => "nbf of the access token",
            (Expected::Access, Self::Audience | Self::Nonce | Self::Form) => "access token",
        }
    }
}

impl From<ClaimsVerificationError> for InvalidToken {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ) => Self::UnknownKey,
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::DisallowedAlg(_)
                | SignatureVerificationError::UnsupportedAlg(_),
            ) => Self::Algorithm,
            ClaimsVerificationError::SignatureVerification(_) => Self::Signature,
            ClaimsVerificationError::InvalidIssuer(_) => Self::Issuer,
            ClaimsVerificationError::InvalidAudience(_) => Self::Audience,
            ClaimsVerificationError::Expired(_) => Self::Expired,
            ClaimsVerificationError::InvalidNonce(_) => Self::Nonce,
            _ => Self::Form,
        }
    }
}

/// The claims of `token`, once everything about it is verified. `trusted` are audiences allowed in
/// addition to this server.
pub(super) fn check(
    known: &Discovered,
    token: &CoreIdToken,
    expected: Expected<'_>,
    trusted: &[String],
    now: DateTime<Utc>,
) -> Result<Value, InvalidToken> {
    // A public client's verifier, so that the client secret is never used to verify signatures.
    let verifier = CoreIdTokenVerifier::new_public_client(
        known.client_id.clone(),
        known.issuer.clone(),
        known.keys.clone(),
    )
    .set_allowed_algs(match expected {
        Expected::Id(_) => known.algorithms.clone(),
        // The discovery document does not list these.
        Expected::Access => ALGORITHMS.to_vec(),
    })
    .set_other_audience_verifier_fn(|other| trusted.iter().any(|known| known == other.as_str()))
    .set_time_fn(move || now - LEEWAY);
    match expected {
        Expected::Id(Some(nonce)) => token.claims(&verifier, nonce)?,
        Expected::Id(None) => token.claims(&verifier, any)?,
        Expected::Access => {
            let types = ACCESS.map(|name| JsonWebTokenType::new(name.to_owned()).normalize());
            let verifier = verifier
                .set_allowed_jose_types(types.into_iter().flatten())
                .require_audience_match(false);
            token.claims(&verifier, any)?
        }
    };
    let claims = claims(token).ok_or(InvalidToken::Form)?;
    has_begun(&claims, now)?;
    let party = |name: &str| claims.get(name).map(|value| value.as_str());
    let ours = Some(known.client_id.as_str());
    let right = match expected {
        Expected::Id(_) => match party("azp") {
            Some(party) => party == ours,
            // Without `azp`, nothing says which audience the token was issued to.
            None => !is_for_others(&claims, &known.client_id),
        },
        // RFC 9068 has `client_id` instead.
        Expected::Access => party("azp").or_else(|| party("client_id")) == Some(ours),
    };
    if right {
        Ok(claims)
    } else {
        Err(InvalidToken::Party)
    }
}

fn audiences(claims: &Value) -> impl Iterator<Item = &str> {
    let listed = claims.get("aud");
    let list = listed.and_then(Value::as_array).into_iter().flatten();
    let one = listed.filter(|aud| aud.is_string()).into_iter();
    list.chain(one).filter_map(Value::as_str)
}

fn is_for_others(claims: &Value, ours: &str) -> bool {
    audiences(claims).any(|audience| audience != ours)
}

/// Text from a token that is not verified, made safe for the log.
fn shown(word: &str) -> String {
    let plain = word.chars().filter(|next| !next.is_control());
    plain.take(SHOWN).collect()
}

/// The audiences of a refused token, for the log.
pub(super) fn audiences_of(token: &CoreIdToken) -> String {
    let claims = claims(token).unwrap_or_default();
    let named: Vec<String> = audiences(&claims).take(NAMED).map(shown).collect();
    named.join(", ")
}

/// The algorithm that a refused token names, for the log.
pub(super) fn algorithm_of(token: &CoreIdToken) -> Option<String> {
    let header = part(token, 0)?;
    header.get("alg")?.as_str().map(shown)
}

/// RFC 7519 §4.1.5, which the library leaves to the caller.
fn has_begun(claims: &Value, now: DateTime<Utc>) -> Result<(), InvalidToken> {
    let Some(nbf) = claims.get("nbf") else {
        return Ok(());
    };
    let since = nbf.as_f64().map(Duration::try_from_secs_f64);
    let since = since.and_then(Result::ok).ok_or(InvalidToken::Form)?;
    let begin = SystemTime::UNIX_EPOCH.checked_add(since);
    if begin.ok_or(InvalidToken::Early)? > SystemTime::from(now + LEEWAY) {
        return Err(InvalidToken::Early);
    }
    Ok(())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the library requires this signature"
)]
fn any(_: Option<&Nonce>) -> Result<(), String> {
    Ok(())
}

/// The claims as signed.
fn claims(token: &CoreIdToken) -> Option<Value> {
    part(token, 1)
}

fn part(token: &CoreIdToken, at: usize) -> Option<Value> {
    let text = token.to_string();
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(at)?).ok()?;
    serde_json::from_slice(&payload)
        .ok()
        .filter(Value::is_object)
}
