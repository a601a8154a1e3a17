//! Tokens of a provider: whose they are, for whom, and whether somebody forged them (OpenID Connect
//! Core 3.1.3.7).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier};
use openidconnect::{ClaimsVerificationError, JsonWebTokenType, Nonce, SignatureVerificationError};
use serde_json::Value;

use super::algorithms::ALGORITHMS;
use super::known::Known;

/// Audiences of a token that the log names.
const NAMED: usize = 8;
/// Characters of each of them, and of the name of an algorithm.
const SHOWN: usize = 100;
/// By how much the clocks of two machines may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// Header types of access tokens: RFC 9068, and what was usual before.
const ACCESS: [&str; 2] = ["JWT", "at+jwt"];

/// What a token is to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected<'a> {
    /// The ID token, with this nonce where one was asked for now.
    Id(Option<&'a Nonce>),
    /// The access token, which is for others, and was given to us.
    Access,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It names a key that is not among those that are known.
    UnknownKey,
    Signature,
    /// It is signed in a way that is not taken.
    Algorithm,
    Issuer,
    Audience,
    /// `azp`: it was made for another client.
    Party,
    Expired,
    /// `nbf`: its time has not come.
    Early,
    Nonce,
    /// Something else.
    Form,
}

impl Fault {
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

impl From<ClaimsVerificationError> for Fault {
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

/// All claims of `token`, once everything about it holds. `trusted` are audiences that may stand
/// beside this server.
pub(super) fn check(
    known: &Known,
    token: &CoreIdToken,
    expected: Expected<'_>,
    trusted: &[String],
    now: DateTime<Utc>,
) -> Result<Value, Fault> {
    // A public client's verifier: the client's secret is not used to verify signatures.
    let verifier = CoreIdTokenVerifier::new_public_client(
        known.client_id.clone(),
        known.issuer.clone(),
        known.keys.clone(),
    )
    .set_allowed_algs(match expected {
        Expected::Id(_) => known.algorithms.clone(),
        // Discovery says nothing of these.
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
    let claims = claims(token).ok_or(Fault::Form)?;
    has_begun(&claims, now)?;
    let party = |name: &str| claims.get(name).map(|value| value.as_str());
    let ours = Some(known.client_id.as_str());
    let right = match expected {
        Expected::Id(_) => match party("azp") {
            Some(party) => party == ours,
            // Without it nobody says which of the audiences the token was made for.
            None => !is_for_others(&claims, &known.client_id),
        },
        // RFC 9068 has `client_id` in its place.
        Expected::Access => party("azp").or_else(|| party("client_id")) == Some(ours),
    };
    if right { Ok(claims) } else { Err(Fault::Party) }
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

/// A word of a token that nothing is known of, as the log may hold it.
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

/// How a refused token says that it is signed, for the log.
pub(super) fn algorithm_of(token: &CoreIdToken) -> Option<String> {
    let header = part(token, 0)?;
    header.get("alg")?.as_str().map(shown)
}

/// RFC 7519 §4.1.5, which the library leaves to its user.
fn has_begun(claims: &Value, now: DateTime<Utc>) -> Result<(), Fault> {
    let Some(said) = claims.get("nbf") else {
        return Ok(());
    };
    let since = said.as_f64().map(Duration::try_from_secs_f64);
    let since = since.and_then(Result::ok).ok_or(Fault::Form)?;
    let begin = SystemTime::UNIX_EPOCH.checked_add(since);
    if begin.ok_or(Fault::Early)? > SystemTime::from(now + LEEWAY) {
        return Err(Fault::Early);
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the library asks for this form")]
fn any(_: Option<&Nonce>) -> Result<(), String> {
    Ok(())
}

/// The claims as they were signed.
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
