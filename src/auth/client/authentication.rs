//! Client authentication (RFC 6749 section 2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use super::document::DocumentError;
use super::identity::{ClientError, known};
use crate::auth::limit::Source;
use crate::auth::server::error::{ClientAuthError, Error};
use crate::auth::server::form::Form;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{AuthMethod, Client, Hash};

/// The credentials that a client sends (RFC 6749 section 2.3.1).
#[derive(Debug)]
pub enum ClientCredentials {
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

impl ClientCredentials {
    /// Reads the credentials of a request.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is no id, [`Error::Invalid`] for two methods or two ids,
    /// [`Error::Client`]
    /// for a header that cannot be read.
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
                fault: ClientAuthError::Method,
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

    /// The id that the client claims.
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Basic { id, .. } | Self::Post { id, .. } => id,
        }
    }
}

/// The id and secret of a `Basic` header; both are form-encoded inside it (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, pair) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = STANDARD.decode(pair.trim()).ok()?;
    let pair = Secret::new(String::from_utf8(pair).ok()?);
    let (id, secret) = pair.expose().split_once(':')?;
    let decoded = |text: &str| {
        // Decodes as a name alone: `text` must not be split into a pair.
        let joined = format!("{}=", text.replace(['&', '='], ""));
        url::form_urlencoded::parse(joined.as_bytes())
            .next()
            .map(|(name, _)| name.into_owned())
    };
    Some((decoded(id)?, Secret::new(decoded(secret)?)))
}

/// Authenticates the client of a request. A secret is accepted in the header or in the body,
/// whichever the client registered, because libraries choose for themselves.
///
/// # Errors
/// [`Error::Client`], which does not reveal whether the client exists; otherwise as [`find`].
pub async fn authenticate(
    auth: &Auth,
    credentials: &ClientCredentials,
    source: Source,
) -> Result<Client, Error> {
    let refuse = |fault| Error::Client {
        fault,
        basic: matches!(credentials, ClientCredentials::Basic { .. }),
    };
    let client = known(auth, credentials.id(), source).await;
    let client = client.map_err(|fault| match fault {
        ClientError::Unknown => refuse(ClientAuthError::Unknown),
        ClientError::Document {
            fault: DocumentError::Fetch(_) | DocumentError::Rate,
            ..
        } => Error::Unavailable {
            what: "the server of a client metadata document",
            retry_after: None,
        },
        ClientError::Document { .. } => refuse(ClientAuthError::Document),
        ClientError::Store(fault) => Error::Store(fault),
    })?;
    let secret = match credentials {
        ClientCredentials::Id(_) => None,
        ClientCredentials::Basic { secret, .. } | ClientCredentials::Post { secret, .. } => {
            Some(secret)
        }
    };
    let is_public = client.auth_method == AuthMethod::None;
    match (&client.secret, secret) {
        (Some(_), None) => Err(refuse(ClientAuthError::NoSecret)),
        (None, Some(_)) => Err(refuse(ClientAuthError::Public)),
        (None, None) if is_public => Ok(client),
        // No secret of it is stored, so it cannot authenticate.
        (None, None) => Err(refuse(ClientAuthError::Method)),
        (Some(known), Some(sent)) => {
            let sent = Hash::of(sent.expose());
            if bool::from(known.0.ct_eq(&sent.0)) {
                Ok(client)
            } else {
                Err(refuse(ClientAuthError::Secret))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basic_header_is_form_decoded_and_its_secret_does_not_print() {
        // `a%3Ab:p%2Bq+r`
        let (id, secret) = basic("bAsIc YSUzQWI6cCUyQnErcg==").unwrap();
        assert_eq!((id.as_str(), secret.expose()), ("a:b", "p+q r"));
        let shown = format!("{:?}", ClientCredentials::Basic { id, secret });
        assert!(!shown.contains("p+q"), "{shown}");
        for header in ["Basic", "Basic !", "Basic YWI=", "Bearer YTpi"] {
            assert!(basic(header).is_none(), "{header}");
        }
    }
}
