//! Who makes a request to the resource: the access token of its header (RFC 6750, RFC 9728).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::auth::resource::refused::Refused;
use crate::auth::resource::token_cache::{Seen, is_over};
use crate::auth::server::scope::Scope;
use crate::auth::server::signing::{Claims, TokenFault};
use crate::auth::state::Auth;
use crate::principal::Person;
use crate::store::{GrantOf, Ms, StoreError, USED};

/// Milliseconds by which the clock of the server that issued a token may be ahead of this one.
const LEEWAY: u64 = 5_000;

/// Whether its time has not come, by more than the clocks of two servers differ.
fn is_early(claims: &Claims, now: u64) -> bool {
    let begin = claims.nbf.map(|nbf| nbf.saturating_mul(1000));
    begin.is_some_and(|begin| begin > now.saturating_add(LEEWAY))
}

/// Why nobody is let in by a request.
#[derive(Debug, Error)]
enum Fault {
    #[error("there is no access token")]
    Missing,
    #[error("the access token is refused: {0}")]
    Token(#[from] TokenFault),
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl Fault {
    /// One line in the log, without the token, and the answer.
    fn refused(&self) -> Refused {
        match self {
            Self::Missing => Refused::Missing,
            Self::Token(TokenFault::Expired) => {
                tracing::debug!(fault = %self, "refused");
                Refused::Invalid
            }
            Self::Token(_) => {
                tracing::info!(fault = %self, "refused");
                Refused::Invalid
            }
            Self::Store(cause) => {
                let cause = std::error::Error::source(cause).map(ToString::to_string);
                tracing::error!(fault = %self, cause, "refused");
                Refused::Unavailable
            }
        }
    }
}

/// The token of the header. Another scheme is none.
fn token(headers: &HeaderMap) -> Result<&str, Fault> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = sent.next().ok_or(Fault::Missing)?;
    if sent.next().is_some() {
        return Err(TokenFault::Signature.into());
    }
    let header = header.to_str().map_err(|_| Fault::Missing)?;
    let (scheme, token) = header.split_once(' ').ok_or(Fault::Missing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Fault::Missing)
    }
}

impl Auth {
    /// The person whose access token stands in the header, while token, grant and person are good:
    /// a revocation elsewhere acts within 2 s, one here at once.
    pub(in crate::auth) async fn bearer(
        &self,
        headers: &HeaderMap,
    ) -> Result<Arc<Person>, Refused> {
        let found = async { self.person_of(token(headers)?).await };
        found.await.map_err(|fault| fault.refused())
    }

    /// Whether grant, person and token of `person` are good, however old the token is: the database is
    /// asked each time.
    pub(in crate::auth) async fn still(&self, person: &Person) -> Result<(), Refused> {
        let found = async {
            let now = self.0.clock.now_ms();
            let of = self.0.store.grant(&person.grant).await?;
            let is_theirs = of.is_some_and(|of| is_good(&of, &person.client_id, &person.user, now));
            if !is_theirs || self.0.store.is_revoked(&person.token).await? {
                return Err(TokenFault::Revoked.into());
            }
            Ok(())
        };
        found.await.map_err(|fault: Fault| fault.refused())
    }

    /// Lets the next request of every token ask the database again: to be called after something was
    /// revoked, so that it acts here at once.
    pub(crate) fn forget_checks(&self) {
        self.0.checks.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes that a client came under a grant that was last used at `used`, for its person to read.
    /// Nobody is kept out because that cannot be noted.
    async fn note_use(&self, grant: &str, used: Option<Ms>) {
        let now = self.now();
        if used.is_some_and(|used| now.saturating_sub(used) <= USED) {
            return;
        }
        if let Err(error) = self.0.store.touch_grant(grant, now).await {
            tracing::warn!(%error, grant, "that a client came could not be noted");
        }
    }

    async fn person_of(&self, token: &str) -> Result<Arc<Person>, Fault> {
        let now = self.0.clock.now_ms();
        let checks = &self.0.checks;
        let name: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = match checks.get(&name, now) {
            Some((_, Some(person))) => return Ok(person),
            Some((claims, None)) => claims,
            None => self.0.signing.verify(token).await?,
        };
        if is_over(&claims, now) {
            checks.forget(&name);
            return Err(TokenFault::Expired.into());
        }
        if is_early(&claims, now) {
            return Err(TokenFault::Early.into());
        }
        // Before the database is asked: what is revoked meanwhile makes the answer stale.
        let epoch = checks.epoch.load(Ordering::Acquire);
        let of = self.0.store.grant(&claims.sid).await?;
        let used = of.as_ref().and_then(|of| of.grant.last_used);
        let person = of.and_then(|of| person(&claims, of, now));
        let listed = self.0.store.is_revoked(&claims.jti).await?;
        let Some(person) = person.filter(|_| !listed).map(Arc::new) else {
            checks.forget(&name);
            return Err(TokenFault::Revoked.into());
        };
        self.note_use(&person.grant, used).await;
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

/// Whether the grant is alive, theirs and the client's, and nobody disabled them.
fn is_good(of: &GrantOf, client_id: &str, user_id: &str, now: u64) -> bool {
    let GrantOf { grant, user } = of;
    let is_in_time = Ms::try_from(now).is_ok_and(|now| now < grant.expires);
    let is_alive = grant.revoked_at.is_none() && is_in_time && user.disabled_at.is_none();
    is_alive && grant.client_id == client_id && user.id == user_id
}

/// The person of a token, if the grant is alive, theirs and the client's, and nobody disabled them.
fn person(claims: &Claims, of: GrantOf, now: u64) -> Option<Person> {
    if !is_good(&of, &claims.client_id, &claims.sub, now) {
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
                Err(Fault::Missing) => "missing".to_owned(),
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
