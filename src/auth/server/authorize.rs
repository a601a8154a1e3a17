//! `/authorize`: an authorization request is checked, sealed, and passed on to the consent page
//! (RFC 6749 section 4.1.1, RFC 7636, RFC 8707). Nothing of it is stored.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded;

use crate::auth::browser::cookie::PAGE_TTL;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::browser::see_other::see_other;
use crate::auth::client;
use crate::auth::random;
use crate::auth::server::authorization_response::AuthorizationResponse;
use crate::auth::server::error::Error;
use crate::auth::server::form;
use crate::auth::server::pending_authorization::PendingAuthorization;
use crate::auth::server::resource_indicator;
use crate::auth::server::scope::{self, Scope};
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::store::{Client, Hash};

/// Bytes of a request.
const LONGEST: usize = 16 * 1024;
/// Parameters of a request.
const MOST: usize = 64;
/// Bytes of the client's `state`, which travels with the browser to the consent page.
const LONGEST_STATE: usize = 4 * 1024;

/// The parameters as sent. Repeating one is answered by a redirect, if the redirect URI can be
/// trusted.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn parse(text: &[u8]) -> Result<Self, PageError> {
        let pairs = form_urlencoded::parse(text).into_owned();
        let pairs: Vec<_> = pairs.take(MOST + 1).collect();
        if text.len() > LONGEST || pairs.len() > MOST {
            return Err(PageError::Request);
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749 section 3.1).
    fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        let first = found.next().map(|(_, value)| value.as_str());
        match found.next() {
            Some(_) if name == "resource" => Err(Error::Target),
            Some(_) => Err(Error::Repeated),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    /// A parameter that is needed to answer at all.
    fn sole(&self, name: &str) -> Result<&str, PageError> {
        self.get(name).ok().flatten().ok_or(PageError::Request)
    }

    /// No parameter may be repeated, known or not.
    fn none_repeated(&self) -> Result<(), Error> {
        for (name, _) in &self.0 {
            self.get(name)?;
        }
        Ok(())
    }

    fn code_alone(&self) -> Result<(), Error> {
        match self.get("response_type")? {
            Some("code") => {}
            Some(_) => return Err(Error::ResponseType),
            None => {
                let name = "response_type";
                return Err(Error::Missing { name });
            }
        }
        if self
            .get("response_mode")?
            .is_some_and(|mode| mode != "query")
        {
            let name = "response_mode";
            return Err(Error::Invalid { name });
        }
        // RFC 9101: a request object would override the parameters, and is not supported.
        for name in ["request", "request_uri"] {
            if self.get(name)?.is_some() {
                return Err(Error::Invalid { name });
            }
        }
        Ok(())
    }

    /// The PKCE challenge (RFC 7636); only S256 is accepted.
    fn challenge(&self) -> Result<&str, Error> {
        let name = "code_challenge";
        let challenge = self.get(name)?.ok_or(Error::Missing { name })?;
        let method = "code_challenge_method";
        match self.get(method)? {
            Some("S256") => {}
            Some(_) => return Err(Error::Invalid { name: method }),
            None => return Err(Error::Missing { name: method }),
        }
        let digest = URL_SAFE_NO_PAD.decode(challenge);
        if digest.is_ok_and(|digest| digest.len() == 32) {
            Ok(challenge)
        } else {
            Err(Error::Invalid { name })
        }
    }
}

/// What the client gets if the person consents.
fn pending(
    auth: &Auth,
    parameters: &Parameters,
    client: Client,
) -> Result<PendingAuthorization, Error> {
    parameters.none_repeated()?;
    parameters.code_alone()?;
    let challenge = parameters.challenge()?.to_owned();
    // By the name that the client knows, which its answer must contain.
    let resource =
        resource_indicator::named(&auth.0.public, parameters.get("resource")?)?.resource();
    let offered = Scope::offered(auth.0.policy.access());
    let registered = client.scope.as_deref();
    let wanted = parameters
        .get("scope")?
        .filter(|wanted| scope::names_any(wanted));
    let scope = Scope::cut(wanted.or(registered), offered);
    let state = parameters.get("state")?;
    if state.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Error::Invalid { name: "state" });
    }
    Ok(PendingAuthorization {
        id: Hash::of(random::secret()?.expose()),
        refreshes: client::may_refresh(&client, scope),
        client_id: client.id,
        kind: client.kind,
        name: client.name,
        redirect_uri: parameters
            .get("redirect_uri")?
            .unwrap_or_default()
            .to_owned(),
        scopes: scope.to_string(),
        resource,
        challenge,
        client_state: state.map(str::to_owned),
        expires: auth.now() + PAGE_TTL,
    })
}

async fn authorize(
    auth: &Auth,
    browser: &BrowserRequest,
    text: &[u8],
) -> Result<Response, PageError> {
    let parameters = Parameters::parse(text)?;
    let (id, redirect_uri) = (
        parameters.sole("client_id")?,
        parameters.sole("redirect_uri")?,
    );
    let client = client::find(auth, id, browser.source).await?;
    if !client::may_redirect(&client, redirect_uri) {
        return Err(PageError::Redirect);
    }
    if !client::is_safe(auth, &client, redirect_uri) {
        return Err(PageError::Scheme);
    }
    // From here on the client is answered, because the redirect URI is its own.
    let kind = client.kind;
    let sealed = pending(auth, &parameters, client).and_then(|pending| pending.seal(auth));
    match sealed {
        Ok(value) => see_other(&format!("/consent?txn={value}")),
        Err(error) => {
            let named = parameters.get("resource").ok().flatten();
            let called = resource_indicator::named(&auth.0.public, named);
            let called = called.unwrap_or_else(|_| auth.0.public.clone());
            let response = AuthorizationResponse {
                issuer: called.issuer,
                redirect_uri,
                state: parameters.get("state").ok().flatten(),
            };
            response.refuse(browser, kind, error)
        }
    }
}

pub(in crate::auth) async fn get(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let answer = authorize(&auth, &browser, query.as_bytes()).await;
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Authorization, None))
}

/// The same with the parameters in the body (RFC 6749 section 3.1). A page of the client may send
/// it, since it decides nothing and needs no cookie.
pub(in crate::auth) async fn post(
    State(auth): State<Auth>,
    browser: BrowserRequest,
    body: Body,
) -> Response {
    let answer = match form::bytes(body, LONGEST).await {
        Ok(body) => authorize(&auth, &browser, &body).await,
        Err(_) => Err(PageError::Request),
    };
    answer.unwrap_or_else(|page_error| page_error.answer(&browser, Surface::Authorization, None))
}
