//! Who a client is, and how it proves that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::{Deserialize as _, Deserializer};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use crate::auth::Auth;
use crate::auth::client::document::{self, DocumentFault};
use crate::auth::client::redirect::{self, Application, Apps};
use crate::auth::limit::Source;
use crate::auth::server::error::{ClientProof, Error};
use crate::auth::server::form::Form;
use crate::auth::server::scope::Scope;
use crate::config::http::ConfiguredClient;
use crate::secret::Secret;
use crate::store::{AuthMethod, Client, ClientKind, Hash, StoreError};

/// The grant types of this server.
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// See [`AUTHORIZATION_CODE`].
pub const REFRESH_TOKEN: &str = "refresh_token";

/// Why there is no client of an id.
#[derive(Debug, Error)]
pub enum ClientFault {
    /// Nobody knows it.
    #[error("the client is unknown")]
    Unknown,
    /// Its metadata document makes no client.
    #[error("{fault}")]
    Document {
        /// Where that is, if anywhere.
        host: Option<String>,
        /// Why.
        fault: DocumentFault,
    },
    /// The database does not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ClientFault> for Error {
    fn from(fault: ClientFault) -> Self {
        match fault {
            // What a document's server answered is told to nobody.
            ClientFault::Document {
                fault: DocumentFault::Rate,
                ..
            } => Self::Rate {
                what: "client metadata documents",
            },
            ClientFault::Unknown | ClientFault::Document { .. } => Self::UnknownClient,
            ClientFault::Store(fault) => Self::Store(fault),
        }
    }
}

/// The client of that id: of the configuration, of its metadata document as it is now, or one that
/// registered itself. `source` is who asks.
///
/// # Errors
/// See [`ClientFault`].
pub async fn find(auth: &Auth, id: &str, source: Source) -> Result<Client, ClientFault> {
    if let Some(client) = configured(auth, id) {
        return Ok(client);
    }
    if auth.is_document(id) {
        let client = auth.client_of_document(id, source).await;
        return client.map_err(|fault| of_document(id, fault));
    }
    let client = auth.0.store.client(id).await?;
    client
        .filter(|client| client.kind == ClientKind::Registered)
        .ok_or(ClientFault::Unknown)
}

/// The same where a client redeems what it was given. Of a metadata document that somebody consented
/// to it takes what was kept, so that its server need not be up for each refresh.
async fn known(auth: &Auth, id: &str, source: Source) -> Result<Client, ClientFault> {
    if configured(auth, id).is_none() && auth.is_document(id) {
        auth.check_document(id)
            .map_err(|fault| of_document(id, fault))?;
        let kept = auth.0.store.client(id).await?;
        if let Some(client) = kept.filter(|client| client.kind == ClientKind::Metadata) {
            return Ok(client);
        }
    }
    find(auth, id, source).await
}

fn of_document(id: &str, fault: DocumentFault) -> ClientFault {
    let host = document::host_of(id);
    ClientFault::Document { host, fault }
}

fn configured(auth: &Auth, id: &str) -> Option<Client> {
    let clients = &auth.0.config.authorization.clients;
    let client = clients.iter().find(|client| client.id == id)?;
    Some(of_configuration(client))
}

/// A name as far as it is kept: 200 characters.
pub fn short_name(name: &str) -> String {
    name.chars().take(200).collect()
}

/// A text of a client's metadata: some programs write an empty one for what they do not have.
///
/// # Errors
/// When it is not a string.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

fn of_configuration(client: &ConfiguredClient) -> Client {
    Client {
        id: client.id.clone(),
        kind: ClientKind::Configured,
        name: client.name.clone(),
        auth_method: match client.secret {
            None => AuthMethod::None,
            Some(_) => AuthMethod::Basic,
        },
        secret: client
            .secret
            .as_ref()
            .map(|secret| Hash::of(secret.expose())),
        redirect_uris: client.redirect_uris.clone(),
        application_type: Application::Native.as_str().to_owned(),
        grant_types: vec![AUTHORIZATION_CODE.to_owned(), REFRESH_TOKEN.to_owned()],
        scope: None,
        created: 0,
        last_used: None,
    }
}

/// Whether a client of this kind holds refresh tokens: it registered for them, or this grant was
/// asked for with `offline_access`.
pub fn may_refresh(client: &Client, granted: Scope) -> bool {
    granted.offline || client.grant_types.iter().any(|kind| kind == REFRESH_TOKEN)
}

/// Whether the operator vouches for clients of this kind. Whoever wants to registers one, or
/// publishes a document: such a client never has a browser sent on without a click of its person
/// (RFC 9700 section 4.11.2).
pub const fn is_vouched_for(kind: ClientKind) -> bool {
    match kind {
        ClientKind::Configured => true,
        ClientKind::Metadata | ClientKind::Registered => false,
    }
}

/// Whether one of the client's redirect URIs is `asked`; see [`redirect::matches`].
pub fn may_redirect(client: &Client, asked: &str) -> bool {
    let registered = &client.redirect_uris;
    registered.iter().any(|uri| redirect::matches(uri, asked))
}

/// Whether `asked`, which is one of the client's, may still be gone to: what was registered long ago
/// follows the rules of now.
pub fn is_safe(auth: &Auth, client: &Client, asked: &str) -> bool {
    let apps = if is_vouched_for(client.kind) {
        Apps::Trusted
    } else {
        Apps::Listed(&auth.0.config.authorization.redirect_schemes)
    };
    let application = Application::of(Some(&client.application_type));
    application.is_some_and(|application| redirect::check(asked, application, apps).is_ok())
}

/// What a client shows at the token endpoint (RFC 6749 section 2.3.1).
#[derive(Debug)]
pub enum Shown {
    /// `client_id` alone.
    Id(String),
    /// The `Basic` scheme.
    Basic {
        /// `client_id`
        id: String,
        /// `client_secret`
        secret: Secret,
    },
    /// `client_id` and `client_secret` in the body.
    Post {
        /// `client_id`
        id: String,
        /// `client_secret`
        secret: Secret,
    },
}

impl Shown {
    /// Of a request.
    ///
    /// # Errors
    /// [`Error::Missing`] without any id, [`Error::Invalid`] for two ways at once or two ids,
    /// [`Error::Client`] for a header that cannot be read.
    pub fn of(headers: &HeaderMap, form: &Form) -> Result<Self, Error> {
        let id = form.get("client_id");
        let secret = form.get("client_secret");
        let mut sent = headers.get_all(AUTHORIZATION).iter();
        let Some(header) = sent.next() else {
            let id = id.ok_or(Error::Missing { name: "client_id" })?.to_owned();
            return Ok(match secret {
                None => Self::Id(id),
                Some(secret) => Self::Post {
                    id,
                    secret: Secret::new(secret),
                },
            });
        };
        let (name, word) = sent
            .next()
            .is_none()
            .then(|| header.to_str().ok().and_then(basic))
            .flatten()
            .ok_or(Error::Client {
                fault: ClientProof::Method,
                basic: true,
            })?;
        if secret.is_some() {
            let name = "client_secret";
            return Err(Error::Invalid { name });
        }
        if id.is_some_and(|id| id != name) {
            return Err(Error::Invalid { name: "client_id" });
        }
        Ok(Self::Basic {
            id: name,
            secret: word,
        })
    }

    /// Whom it claims to be.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Basic { id, .. } | Self::Post { id, .. } => id,
        }
    }
}

/// Id and secret of a `Basic` header: both are form-encoded inside (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, pair) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = STANDARD.decode(pair.trim()).ok()?;
    let pair = Secret::new(String::from_utf8(pair).ok()?);
    let (id, secret) = pair.expose().split_once(':')?;
    let decoded = |text: &str| {
        // The only pair of a form whose whole text is a name.
        let joined = format!("{}=", text.replace(['&', '='], ""));
        url::form_urlencoded::parse(joined.as_bytes())
            .next()
            .map(|(name, _)| name.into_owned())
    };
    Some((decoded(id)?, Secret::new(decoded(secret)?)))
}

/// The client that a request comes from, if it proves that. A secret is as good in the header as in
/// the body, whichever the client registered: libraries choose for themselves.
///
/// # Errors
/// [`Error::Client`], which says nothing of whether the client exists, and what [`find`] fails by.
pub async fn authenticate(auth: &Auth, shown: &Shown, source: Source) -> Result<Client, Error> {
    let refuse = |fault| Error::Client {
        fault,
        basic: matches!(shown, Shown::Basic { .. }),
    };
    let client = known(auth, shown.id(), source).await;
    let client = client.map_err(|fault| match fault {
        ClientFault::Unknown => refuse(ClientProof::Unknown),
        ClientFault::Document {
            fault: DocumentFault::Fetch(_) | DocumentFault::Rate,
            ..
        } => Error::Down {
            what: "the server of a client metadata document",
            retry_after: None,
        },
        ClientFault::Document { .. } => refuse(ClientProof::Document),
        ClientFault::Store(fault) => Error::Store(fault),
    })?;
    let secret = match shown {
        Shown::Id(_) => None,
        Shown::Basic { secret, .. } | Shown::Post { secret, .. } => Some(secret),
    };
    let is_public = client.auth_method == AuthMethod::None;
    match (&client.secret, secret) {
        (Some(_), None) => Err(refuse(ClientProof::NoSecret)),
        (None, Some(_)) => Err(refuse(ClientProof::Public)),
        (None, None) if is_public => Ok(client),
        // Nothing that it could be known by was kept.
        (None, None) => Err(refuse(ClientProof::Method)),
        (Some(known), Some(sent)) => {
            let sent = Hash::of(sent.expose());
            if bool::from(known.0.ct_eq(&sent.0)) {
                Ok(client)
            } else {
                Err(refuse(ClientProof::Secret))
            }
        }
    }
}
