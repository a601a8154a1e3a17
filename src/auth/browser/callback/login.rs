//! What a browser brings back from a provider: the authentication request it answers, and the
//! person.

use crate::auth::browser::authentication_request;
use crate::auth::browser::cookie::Kind;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::provider::{Answer, AuthorizationError, Login, Provider, ProviderError, code_of};
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Column, Hash, OpenError, UpstreamState};

/// Errors that providers send when the person did not, or could not, log in (RFC 6749 section
/// 4.1.2.1, OpenID Connect Core section 3.1.2.6).
const NO_LOGIN: &[&str] = &[
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
];

/// The authentication request that this browser left for `provider` with. It can be answered once.
pub(super) async fn spend_state(
    auth: &Auth,
    browser: &BrowserRequest,
    provider: &Provider,
    query: &Form,
) -> Result<UpstreamState, PageError> {
    let state = query.get("state").ok_or(PageError::LoginExpired)?;
    let cookie = browser.jar.bound(Kind::Browser, state);
    let cookie = cookie.ok_or(PageError::OtherBrowser)?;
    let (store, state, now) = (&auth.0.store, Hash::of(state), auth.now());
    let at = authentication_request::provider_key(provider);
    if let Some(spent) = store.spend_upstream(state, cookie, &at, now).await? {
        return Ok(spent);
    }
    let Some(began_at) = store.provider_of_upstream(state, cookie, now).await? else {
        return Err(PageError::LoginExpired);
    };
    tracing::warn!(
        provider = began_at,
        callback = at,
        "a login began at one identity provider, and its answer came to the callback of another: \
         one of them may be after the codes of the other"
    );
    Err(PageError::MixUp)
}

/// The person, as the provider describes them.
pub(super) async fn login(
    auth: &Auth,
    provider: &Provider,
    query: &Form,
    upstream: &UpstreamState,
) -> Result<Login, PageError> {
    // An error, too, counts only if it is this provider's.
    let checked = provider.check_issuer(query.get("iss")).await;
    checked.map_err(PageError::of_login)?;
    if let Some(error) = query.get("error") {
        let id = &provider.config().id;
        let is_refusal = NO_LOGIN.contains(&error);
        let sent = AuthorizationError::of(error);
        tracing::warn!(
            provider = id,
            error = code_of(error),
            is_refusal,
            remedy = sent.remedy(),
            "the provider sent an error back"
        );
        return Err(match error {
            _ if is_refusal => PageError::Refused,
            "temporarily_unavailable" => {
                PageError::Provider(ProviderError::Down { retry_after: 10 })
            }
            _ => PageError::Provider(ProviderError::Sent(sent)),
        });
    }
    let row = upstream.state.text();
    let open = |column: Column, sealed: &[u8]| {
        let opened = auth.0.ring.open(&column.of(&row, &[]), sealed)?;
        let text = std::str::from_utf8(&opened).map_err(|_| OpenError::Malformed)?;
        Ok::<_, OpenError>(Secret::new(text))
    };
    let (nonce, verifier) = (
        open(Column::NONCE, &upstream.nonce)?,
        open(Column::VERIFIER, &upstream.verifier)?,
    );
    let wrong = PageError::Provider(ProviderError::Wrong {
        what: "a callback without code",
    });
    let code = Secret::new(query.get("code").ok_or(wrong)?);
    let answer = Answer {
        redirect_uri: &auth.callback_url(provider),
        code: &code,
        iss: query.get("iss"),
        nonce: &nonce,
        verifier: &verifier,
    };
    provider.finish(&answer).await.map_err(PageError::of_login)
}
