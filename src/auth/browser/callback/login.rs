//! What a browser brings back from a provider: the login that it left for, and who the person is.

use crate::auth::browser::authentication_request;
use crate::auth::browser::cookie::Kind;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::provider::{Answer, Login, Provider, ProviderError, Sent, code_of};
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Column, Hash, OpenError, UpstreamState};

/// What providers say when the person did not, or could not, log in (RFC 6749 section 4.1.2.1,
/// OpenID Connect Core section 3.1.2.6).
const NO_LOGIN: &[&str] = &[
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
];

/// The leg on which this browser left for `provider`, whose callback it came to.
pub(super) async fn left(
    auth: &Auth,
    visit: &Visit,
    provider: &Provider,
    query: &Form,
) -> Result<UpstreamState, Trouble> {
    let state = query.get("state").ok_or(Trouble::Login)?;
    let browser = visit.jar.bound(Kind::Browser, state);
    let browser = browser.ok_or(Trouble::Browser)?;
    let (store, state, now) = (&auth.0.store, Hash::of(state), auth.now());
    let at = authentication_request::asked(provider);
    if let Some(spent) = store.spend_upstream(state, browser, &at, now).await? {
        return Ok(spent);
    }
    let Some(asked) = store.provider_of_upstream(state, browser, now).await? else {
        return Err(Trouble::Login);
    };
    tracing::warn!(
        provider = asked,
        callback = at,
        "a login was begun at one identity provider, and its answer came to the callback of another: \
         one of them may want the codes of the other"
    );
    Err(Trouble::MixUp)
}

/// What the provider says of the person.
pub(super) async fn login(
    auth: &Auth,
    provider: &Provider,
    query: &Form,
    upstream: &UpstreamState,
) -> Result<Login, Trouble> {
    // An error, too, says something of the person only if it is this provider's.
    let named = provider.named_by(query.get("iss")).await;
    named.map_err(Trouble::of_login)?;
    if let Some(error) = query.get("error") {
        let id = &provider.config().id;
        let is_refusal = NO_LOGIN.contains(&error);
        let sent = Sent::of(error);
        tracing::warn!(
            provider = id,
            error = code_of(error),
            is_refusal,
            remedy = sent.remedy(),
            "the provider sent an error back"
        );
        return Err(match error {
            _ if is_refusal => Trouble::Refused,
            "temporarily_unavailable" => Trouble::Provider(ProviderError::Down { retry_after: 10 }),
            _ => Trouble::Provider(ProviderError::Sent(sent)),
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
    let wrong = Trouble::Provider(ProviderError::Wrong {
        what: "a callback without code",
    });
    let code = Secret::new(query.get("code").ok_or(wrong)?);
    let answer = Answer {
        redirect_uri: &auth.callback(provider),
        code: &code,
        iss: query.get("iss"),
        nonce: &nonce,
        verifier: &verifier,
    };
    provider.finish(&answer).await.map_err(Trouble::of_login)
}
