//! The bearer token of a request, and whose it is (RFC 6750).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::auth::resource::bearer_error::BearerError;
use crate::auth::resource::token_cache::{CachedToken, is_over};
use crate::auth::server::scope::Scope;
use crate::auth::server::signing::{Claims, TokenError};
use crate::auth::state::Auth;
use crate::principal::Person;
use crate::store::{GrantOf, Ms, StoreError, USED};

/// Milliseconds by which the clock of the server that issued a token may be ahead of ours.
const LEEWAY: u64 = 5_000;

/// Whether the token is not valid yet, by more than the clocks of two servers differ.
fn is_early(claims: &Claims, now: u64) -> bool {
    let begin = claims.nbf.map(|nbf| nbf.saturating_mul(1000));
    begin.is_some_and(|begin| begin > now.saturating_add(LEEWAY))
}

/// Why a request is refused.
#[derive(Debug, Error)]
enum Failure {
    #[error("there is no access token")]
    Missing,
    #[error("the access token is refused: {0}")]
    Token(#[from] TokenError),
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl Failure {
    /// Logs the cause, without the token; returns the answer.
    fn refused(&self) -> BearerError {
        match self {
            Self::Missing => BearerError::Missing,
            Self::Token(TokenError::Expired) => {
                tracing::debug!(fault = %self, "refused");
                BearerError::Invalid
            }
            Self::Token(_) => {
                tracing::info!(fault = %self, "refused");
                BearerError::Invalid
            }
            Self::Store(cause) => {
                let cause = std::error::Error::source(cause).map(ToString::to_string);
                tracing::error!(fault = %self, cause, "refused");
                BearerError::Unavailable
            }
        }
    }
}

/// The token in the header. Another scheme counts as none.
fn token(headers: &HeaderMap) -> Result<&str, Failure> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = sent.next().ok_or(Failure::Missing)?;
    if sent.next().is_some() {
        return Err(TokenError::Signature.into());
    }
    let header = header.to_str().map_err(|_| Failure::Missing)?;
    let (scheme, token) = header.split_once(' ').ok_or(Failure::Missing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Failure::Missing)
    }
}

impl Auth {
    /// The person whose access token is in the header, while token, grant and person are valid. A
    /// revocation on another server acts within 2 s, one on this server at once.
    pub(in crate::auth) async fn bearer(
        &self,
        headers: &HeaderMap,
    ) -> Result<Arc<Person>, BearerError> {
        let found = async { self.person_of(token(headers)?).await };
        found.await.map_err(|fault| fault.refused())
    }

    /// Whether the grant, the person and the token are still valid, apart from the token's expiry.
    /// This always asks the database.
    pub(in crate::auth) async fn still_valid(&self, person: &Person) -> Result<(), BearerError> {
        let found = async {
            let now = self.0.clock.now_ms();
            let of = self.0.store.grant(&person.grant).await?;
            let is_theirs =
                of.is_some_and(|of| is_valid(&of, &person.client_id, &person.user, now));
            if !is_theirs || self.0.store.is_revoked(&person.token).await? {
                return Err(TokenError::Revoked.into());
            }
            Ok(())
        };
        found.await.map_err(|fault: Failure| fault.refused())
    }

    /// Makes the next request with any token ask the database again. To be called after a
    /// revocation, so that it acts at once.
    pub(crate) fn forget_cached_tokens(&self) {
        self.0.token_cache.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes that the client used its grant, last used at `used`, for the person to read. A failure
    /// to note it does not refuse the request.
    async fn note_use(&self, grant: &str, used: Option<Ms>) {
        let now = self.now();
        if used.is_some_and(|used| now.saturating_sub(used) <= USED) {
            return;
        }
        if let Err(error) = self.0.store.touch_grant(grant, now).await {
            tracing::warn!(%error, grant, "the use of a grant could not be noted");
        }
    }

    async fn person_of(&self, token: &str) -> Result<Arc<Person>, Failure> {
        let now = self.0.clock.now_ms();
        let cache = &self.0.token_cache;
        let name: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = match cache.get(&name, now) {
            Some((_, Some(person))) => return Ok(person),
            Some((claims, None)) => claims,
            None => self.0.signing.verify(token).await?,
        };
        if is_over(&claims, now) {
            cache.forget(&name);
            return Err(TokenError::Expired.into());
        }
        if is_early(&claims, now) {
            return Err(TokenError::Early.into());
        }
        // Read before the database is asked: a revocation in between makes the answer stale.
        let epoch = cache.epoch.load(Ordering::Acquire);
        let of = self.0.store.grant(&claims.sid).await?;
        let used = of.as_ref().and_then(|of| of.grant.last_used);
        let person = of.and_then(|of| person(&claims, of, now));
        let listed = self.0.store.is_revoked(&claims.jti).await?;
        let Some(person) = person.filter(|_| !listed).map(Arc::new) else {
            cache.forget(&name);
            return Err(TokenError::Revoked.into());
        };
        self.note_use(&person.grant, used).await;
        let seen = CachedToken {
            claims,
            person: Arc::clone(&person),
            checked: now,
            epoch,
        };
        cache.put(name, seen);
        Ok(person)
    }
}

/// Whether the grant is valid, belongs to this person and client, and the person is not disabled.
fn is_valid(of: &GrantOf, client_id: &str, user_id: &str, now: u64) -> bool {
    let GrantOf { grant, user } = of;
    let is_in_time = Ms::try_from(now).is_ok_and(|now| now < grant.expires);
    let is_alive = grant.revoked_at.is_none() && is_in_time && user.disabled_at.is_none();
    is_alive && grant.client_id == client_id && user.id == user_id
}

/// The person of a token, if [`is_valid`].
fn person(claims: &Claims, of: GrantOf, now: u64) -> Option<Person> {
    if !is_valid(&of, &claims.client_id, &claims.sub, now) {
        return None;
    }
    let GrantOf { grant, user } = of;
    let scope = Scope::of(&claims.scope)?;
    Some(Person {
        user: user.id.into(),
        issuer: user.issuer.into(),
        subject: user.subject.into(),
        name: user.name.into(),
        client_id: grant.client_id.into(),
        grant: grant.id.into(),
        token: claims.jti.as_str().into(),
        roles: grant.roles.into(),
        scopes: scope.tools,
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn one_bearer_token_is_read_and_two_headers_are_refused() {
        let sent = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            match token(&headers) {
                Ok(token) => token.to_owned(),
                Err(Failure::Missing) => "missing".to_owned(),
                Err(_) => "refused".to_owned(),
            }
        };
        for (values, expected) in [
            (vec!["Bearer abc"], "abc"),
            (vec!["bEARER  abc"], "abc"),
            (vec![], "missing"),
            (vec!["Bearer"], "missing"),
            (vec!["Basic YTpi"], "missing"),
            (vec!["Bearerabc"], "missing"),
            (vec!["Bearer abc", "Bearer abc"], "refused"),
            (vec!["Bearer abc", "Basic YTpi"], "refused"),
        ] {
            assert_eq!(sent(&values), expected, "{values:?}");
        }
    }
}
