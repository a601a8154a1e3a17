//! The grant type `authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::{Issued, granted, refuse};
use crate::auth::client::may_refresh;
use crate::auth::random;
use crate::auth::server::error::{Error, GrantFault};
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::store::{Client, CodeClaim, Hash, Ms, Reason, Redeemed, RefreshToken};

/// Milliseconds for which a code that comes again is a client that asked twice.
const AGAIN: Ms = 10_000;

/// The challenge of `verifier`; none if it is none (RFC 7636 section 4.1).
fn challenge(verifier: &str) -> Option<String> {
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let is_one = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    is_one.then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())))
}

impl Auth {
    pub(super) async fn redeem(&self, client: &Client, form: &Form) -> Result<Issued, Error> {
        let code = form.need("code")?;
        // OAuth 2.1 leaves it out: the verifier binds the code to who asked for it.
        let redirect_uri = form.get("redirect_uri");
        let verifier = form.need("code_verifier")?;
        let resource = resource_indicator::ours(&self.0.public, form.get("resource"))?;
        let challenge = challenge(verifier).ok_or(refuse(GrantFault::Unknown))?;
        let claim = CodeClaim {
            code: Hash::of(code),
            client_id: &client.id,
            redirect_uri,
            challenge: &challenge,
            resource: &resource,
        };
        let now = self.now();
        match self.0.store.redeem_code(&claim, now).await? {
            Redeemed::Spent(grant) => self.first(client, &grant).await,
            Redeemed::Again {
                grant_id,
                used_at,
                fits,
            } => {
                // RFC 6749 section 4.1.2. Who cannot show what the code is bound to gets nothing by
                // it, and must not be able to end what others have.
                if fits && now.saturating_sub(used_at) >= AGAIN {
                    self.end_grant(&grant_id, Reason::Reuse).await?;
                    return Err(refuse(GrantFault::Reused));
                }
                Err(refuse(GrantFault::Spent))
            }
            Redeemed::Refused => Err(refuse(GrantFault::Unknown)),
        }
    }

    /// The first tokens of a grant.
    async fn first(&self, client: &Client, grant: &str) -> Result<Issued, Error> {
        let of = self.0.store.grant(grant).await?;
        let of = of.ok_or(refuse(GrantFault::Ended))?;
        let scope = granted(&of.grant)?;
        let (access, expires_in) = self.access(&of, scope).await?;
        let refresh = if may_refresh(client, scope) {
            let token = random::secret()?;
            let kept = RefreshToken {
                token: Hash::of(token.expose()),
                grant_id: of.grant.id.clone(),
                expires: of.grant.expires,
            };
            self.0.store.put_refresh(&kept).await?;
            Some(token)
        } else {
            None
        };
        tracing::info!(grant, client = client.id, "a code was redeemed");
        Ok(Issued {
            access,
            expires_in,
            refresh,
            scope,
        })
    }
}
