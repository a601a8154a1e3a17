//! The grant type `authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::{TokenResponse, granted, refuse};
use crate::auth::client::may_refresh;
use crate::auth::random;
use crate::auth::server::error::{Error, GrantError};
use crate::auth::server::form::Form;
use crate::auth::server::resource_indicator;
use crate::auth::state::Auth;
use crate::store::{Client, CodeClaim, Hash, Ms, Reason, Redeemed, RefreshToken};

/// Milliseconds within which a code that is used again comes from a client that asked twice.
const AGAIN: Ms = 10_000;

/// The challenge of `verifier`; none if it is not valid (RFC 7636 section 4.1).
fn challenge(verifier: &str) -> Option<String> {
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let is_one = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    is_one.then(|| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())))
}

impl Auth {
    pub(super) async fn redeem(
        &self,
        client: &Client,
        form: &Form,
    ) -> Result<TokenResponse, Error> {
        let code = form.need("code")?;
        // OAuth 2.1 omits it: the verifier already binds the code to the client that asked.
        let redirect_uri = form.get("redirect_uri");
        let verifier = form.need("code_verifier")?;
        let resource = resource_indicator::canonical(&self.0.public, form.get("resource"))?;
        let challenge = challenge(verifier).ok_or(refuse(GrantError::Unknown))?;
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
                // RFC 6749 section 4.1.2. Without what the code is bound to, a request gains
                // nothing, and must not be able to end the grant.
                if fits && now.saturating_sub(used_at) >= AGAIN {
                    self.end_grant(&grant_id, Reason::Reuse).await?;
                    return Err(refuse(GrantError::Reused));
                }
                Err(refuse(GrantError::Spent))
            }
            Redeemed::Refused => Err(refuse(GrantError::Unknown)),
        }
    }

    /// The first tokens of a grant.
    async fn first(&self, client: &Client, grant: &str) -> Result<TokenResponse, Error> {
        let of = self.0.store.grant(grant).await?;
        let of = of.ok_or(refuse(GrantError::Ended))?;
        let scope = granted(&of.grant)?;
        let (access, expires_in) = self.access(&of, scope).await?;
        let refresh = if may_refresh(client, scope) {
            let token = random::secret()?;
            let stored = RefreshToken {
                token: Hash::of(token.expose()),
                grant_id: of.grant.id.clone(),
                expires: of.grant.expires,
            };
            self.0.store.put_refresh(&stored).await?;
            Some(token)
        } else {
            None
        };
        tracing::info!(grant, client = client.id, "a code was redeemed");
        Ok(TokenResponse {
            access,
            expires_in,
            refresh,
            scope,
        })
    }
}
