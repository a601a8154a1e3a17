//! Who makes a request to the resource: the access token of its header (RFC 6750, RFC 9728).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::Auth;
use super::error::{Error, TokenFault};
use super::scope::Scope;
use super::signing::Claims;
use crate::config::http::Public;
use crate::principal::{Person, Scopes};
use crate::store::{GrantOf, Ms};

/// Milliseconds for which an answer of the database is believed.
const FRESH: u64 = 2_000;
/// Tokens that are remembered.
const MOST: usize = 8_192;

/// A token whose signature was checked, and what the database last said of it.
struct Seen {
    claims: Claims,
    person: Arc<Person>,
    /// When the database was asked.
    checked: u64,
    /// How often something had been revoked here by then.
    epoch: u64,
}

/// Tokens seen lately, by their SHA-256.
#[derive(Default)]
pub(crate) struct Checks {
    seen: Mutex<HashMap<[u8; 32], Seen>>,
    epoch: AtomicU64,
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checks")
    }
}

impl Checks {
    /// The claims of a token, with its person while that is fresh.
    fn get(&self, token: &[u8; 32], now: u64) -> Option<(Claims, Option<Arc<Person>>)> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.get(token)?;
        let age = now.checked_sub(known.checked);
        let is_fresh = known.epoch == epoch && age.is_some_and(|age| age < FRESH);
        if is_fresh && !is_over(&known.claims, now) {
            return Some((known.claims.clone(), Some(Arc::clone(&known.person))));
        }
        Some((known.claims.clone(), None))
    }

    fn put(&self, token: [u8; 32], new: Seen) {
        let now = new.checked;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, known| !is_over(&known.claims, now));
        }
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert(token, new);
    }

    fn forget(&self, token: &[u8; 32]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(token);
    }
}

fn is_over(claims: &Claims, now: u64) -> bool {
    now >= claims.exp.saturating_mul(1000)
}

/// A request that is not let in: as a response it is that of RFC 6750 section 3, with the address of
/// the metadata (RFC 9728 section 5.1).
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub error: Error,
    public: Public,
    /// What a token would need.
    needs: Scope,
}

impl Refused {
    /// The value of `WWW-Authenticate`; none where another token would not help.
    pub fn challenge(&self) -> Option<String> {
        let mut text = "Bearer ".to_owned();
        match &self.error {
            Error::NoToken => {}
            Error::Token { .. } | Error::InsufficientScope => {
                let code = self.error.code().unwrap_or_default();
                let words = self.error.text();
                let _ = write!(text, "error=\"{code}\", error_description=\"{words}\", ");
            }
            _ => return None,
        }
        let (metadata, needs) = (super::metadata::of_resource(&self.public), self.needs);
        let _ = write!(text, "resource_metadata=\"{metadata}\", scope=\"{needs}\"");
        Some(text)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let challenge = self
            .challenge()
            .and_then(|challenge| HeaderValue::from_str(&challenge).ok());
        let mut response = self.error.into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The token of the header. None: the request has none, or uses another scheme.
fn token(headers: &HeaderMap) -> Result<&str, Error> {
    let bad = Error::Token {
        fault: TokenFault::Signature,
    };
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = sent.next().ok_or(Error::NoToken)?;
    if sent.next().is_some() {
        return Err(bad);
    }
    let header = header.to_str().map_err(|_| Error::NoToken)?;
    let (scheme, token) = header.split_once(' ').ok_or(Error::NoToken)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Error::NoToken)
    }
}

impl Auth {
    /// The person whose access token stands in the header, while token, grant and person are good:
    /// a revocation elsewhere acts within 2 s, one here at once.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::Token`], and [`Error::Store`], each with its response.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Arc<Person>, Refused> {
        let identified = async {
            let token = token(headers)?;
            self.person_of(token).await
        };
        identified.await.map_err(|error| self.refuse(error))
    }

    /// The answer to a good token that lacks a scope, with all that the call needs.
    pub fn lacks_scope(&self, needed: Scopes) -> Refused {
        Refused {
            error: Error::InsufficientScope,
            public: self.0.public.clone(),
            needs: Scope {
                tools: needed,
                offline: false,
            },
        }
    }

    fn refuse(&self, error: Error) -> Refused {
        Refused {
            error,
            public: self.0.public.clone(),
            needs: Scope::offered(self.0.policy.access()),
        }
    }

    /// Lets the next request of every token ask the database again: to be called after something was
    /// revoked, so that it acts here at once.
    pub(crate) fn forget_checks(&self) {
        self.0.checks.epoch.fetch_add(1, Ordering::AcqRel);
    }

    async fn person_of(&self, token: &str) -> Result<Arc<Person>, Error> {
        let refuse = |fault| Error::Token { fault };
        let now = self.0.clock.now_ms();
        let checks = &self.0.checks;
        let name: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = match checks.get(&name, now) {
            Some((_, Some(person))) => return Ok(person),
            Some((claims, None)) => claims,
            None => self.0.signing.verify(token).await.map_err(refuse)?,
        };
        if is_over(&claims, now) {
            checks.forget(&name);
            return Err(refuse(TokenFault::Expired));
        }
        // Before the database is asked: what is revoked meanwhile makes the answer stale.
        let epoch = checks.epoch.load(Ordering::Acquire);
        let of = self.0.store.grant(&claims.sid).await?;
        let person = of.and_then(|of| person(&claims, of, now));
        let listed = self.0.store.is_revoked(&claims.jti).await?;
        let Some(person) = person.filter(|_| !listed).map(Arc::new) else {
            checks.forget(&name);
            return Err(refuse(TokenFault::Revoked));
        };
        let seen = Seen {
            claims,
            person: Arc::clone(&person),
            checked: now,
            epoch,
        };
        checks.put(name, seen);
        Ok(person)
    }
}

/// The person of a token, if the grant is alive, theirs and the client's, and nobody disabled them.
fn person(claims: &Claims, of: GrantOf, now: u64) -> Option<Person> {
    let GrantOf { grant, user } = of;
    let now = Ms::try_from(now).ok()?;
    let is_alive = grant.revoked_at.is_none() && now < grant.expires && user.disabled_at.is_none();
    let is_same = grant.client_id == claims.client_id && user.id == claims.sub;
    if !is_alive || !is_same {
        return None;
    }
    let scope = Scope::of(&claims.scope)?;
    Some(Person {
        user: user.id.into(),
        issuer: user.issuer.into(),
        subject: user.subject.into(),
        name: user.name.into(),
        client_id: grant.client_id.into(),
        grant: grant.id.into(),
        roles: grant.roles.into(),
        scopes: scope.tools,
        expires_ms: claims.exp.saturating_mul(1000),
    })
}
