//! `/authorize`: what a client asks for is checked, sealed and sent on to the consent page (RFC 6749
//! section 4.1.1, RFC 7636, RFC 8707). Nothing of it is kept.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded;

use crate::auth::browser::cookie::PATIENCE;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::browser::see_other::see_other;
use crate::auth::client;
use crate::auth::random;
use crate::auth::server::authorization_response::Reply;
use crate::auth::server::error::Error;
use crate::auth::server::form;
use crate::auth::server::pending_authorization::Pending;
use crate::auth::server::resource_indicator;
use crate::auth::server::scope::{self, Scope};
use crate::auth::state::Auth;
use crate::pages::Surface;
use crate::store::{Client, Hash};

/// Bytes of a request.
const LONGEST: usize = 16 * 1024;
/// Parameters of a request.
const MOST: usize = 64;
/// Bytes of the `state` of a client, which goes with the browser to the consent page.
const LONGEST_STATE: usize = 4 * 1024;

/// The parameters as they came. Who repeats one is told so by a redirect, if that can be trusted.
struct Asked(Vec<(String, String)>);

impl Asked {
    fn parse(text: &[u8]) -> Result<Self, Trouble> {
        let pairs = form_urlencoded::parse(text).into_owned();
        let pairs: Vec<_> = pairs.take(MOST + 1).collect();
        if text.len() > LONGEST || pairs.len() > MOST {
            return Err(Trouble::Request);
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter; an empty one is none (RFC 6749 section 3.1).
    fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        let first = found.next().map(|(_, value)| value.as_str());
        match found.next() {
            Some(_) if name == "resource" => Err(Error::Target),
            Some(_) => Err(Error::Repeated),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    /// A parameter without which nobody can be told anything.
    fn sole(&self, name: &str) -> Result<&str, Trouble> {
        self.get(name).ok().flatten().ok_or(Trouble::Request)
    }

    /// No parameter may stand there twice, known or not.
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
        // RFC 9101: what such an object says would count, and it is not read here.
        for name in ["request", "request_uri"] {
            if self.get(name)?.is_some() {
                return Err(Error::Invalid { name });
            }
        }
        Ok(())
    }

    /// RFC 7636, with S256 alone.
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

/// What the client will have if the person agrees.
fn pending(auth: &Auth, asked: &Asked, client: Client) -> Result<Pending, Error> {
    asked.none_repeated()?;
    asked.code_alone()?;
    let challenge = asked.challenge()?.to_owned();
    // Under the name that the client knows, which its answer must name.
    let resource = resource_indicator::called(&auth.0.public, asked.get("resource")?)?.resource();
    let offered = Scope::offered(auth.0.policy.access());
    let registered = client.scope.as_deref();
    let wanted = asked
        .get("scope")?
        .filter(|wanted| scope::names_any(wanted));
    let scope = Scope::cut(wanted.or(registered), offered);
    let state = asked.get("state")?;
    if state.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Error::Invalid { name: "state" });
    }
    Ok(Pending {
        id: Hash::of(random::secret()?.expose()),
        refreshes: client::may_refresh(&client, scope),
        client_id: client.id,
        kind: client.kind,
        name: client.name,
        redirect_uri: asked.get("redirect_uri")?.unwrap_or_default().to_owned(),
        scopes: scope.to_string(),
        resource,
        challenge,
        client_state: state.map(str::to_owned),
        expires: auth.now() + PATIENCE,
    })
}

async fn ask(auth: &Auth, visit: &Visit, text: &[u8]) -> Result<Response, Trouble> {
    let asked = Asked::parse(text)?;
    let (id, redirect_uri) = (asked.sole("client_id")?, asked.sole("redirect_uri")?);
    let client = client::find(auth, id, visit.source).await?;
    if !client::may_redirect(&client, redirect_uri) {
        return Err(Trouble::Redirect);
    }
    if !client::is_safe(auth, &client, redirect_uri) {
        return Err(Trouble::Scheme);
    }
    // From here on the client is told, for the address is its own.
    let kind = client.kind;
    let sealed = pending(auth, &asked, client).and_then(|pending| pending.seal(auth));
    match sealed {
        Ok(value) => see_other(&format!("/consent?txn={value}")),
        Err(error) => {
            let named = asked.get("resource").ok().flatten();
            let called = resource_indicator::called(&auth.0.public, named);
            let called = called.unwrap_or_else(|_| auth.0.public.clone());
            let reply = Reply {
                issuer: called.issuer,
                redirect_uri,
                state: asked.get("state").ok().flatten(),
            };
            reply.refuse(visit, kind, error)
        }
    }
}

pub(in crate::auth) async fn asked(
    State(auth): State<Auth>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let answer = ask(&auth, &visit, query.as_bytes()).await;
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Authorization, None))
}

/// The same with the parameters in the body (RFC 6749 section 3.1). A client's own page may send it:
/// nothing is decided here, and no cookie is needed.
pub(in crate::auth) async fn posted(
    State(auth): State<Auth>,
    visit: Visit,
    body: Body,
) -> Response {
    let answer = match form::bytes(body, LONGEST).await {
        Ok(body) => ask(&auth, &visit, &body).await,
        Err(_) => Err(Trouble::Request),
    };
    answer.unwrap_or_else(|trouble| trouble.answer(&visit, Surface::Authorization, None))
}
