//! The form in the body of a request to an OAuth endpoint. No parameter is repeated.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use zeroize::Zeroizing;

use crate::auth::server::error::Error;

/// Bytes of a form.
const LONGEST: usize = 16 * 1024;
/// Parameters of a form.
const MOST: usize = 64;

/// Parameters by name. One without a value counts as absent (RFC 6749 section 3.2).
#[derive(Default)]
pub struct Form(BTreeMap<String, Zeroizing<String>>);

impl Form {
    /// Parses a query or a form.
    ///
    /// # Errors
    /// [`Error::Repeated`]; [`Error::Target`] for a repeated `resource` (RFC 8707 section 2).
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let mut form = BTreeMap::new();
        for (at, (name, value)) in url::form_urlencoded::parse(text).enumerate() {
            if at >= MOST {
                return Err(Error::Body {
                    what: "It has too many parameters.",
                });
            }
            let resource = name == "resource";
            let value = Zeroizing::new(value.into_owned());
            if form.insert(name.into_owned(), value).is_some() {
                return Err(if resource {
                    Error::Target
                } else {
                    Error::Repeated
                });
            }
        }
        form.retain(|_, value| !value.is_empty());
        Ok(Self(form))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// The value of a required parameter.
    ///
    /// # Errors
    /// [`Error::Missing`]
    pub fn need(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).ok_or(Error::Missing { name })
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Error::Body {
                what: "It is not application/x-www-form-urlencoded.",
            });
        }
        Self::parse(&bytes(request.into_body(), LONGEST).await?)
    }
}

/// The whole body, of at most `most` bytes.
///
/// # Errors
/// [`Error::TooLarge`], and [`Error::Body`] if the connection breaks.
pub async fn bytes(body: Body, most: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    match axum::body::to_bytes(body, most).await {
        Ok(bytes) => Ok(Zeroizing::new(bytes.into())),
        Err(error) if is_too_long(&error) => Err(Error::TooLarge),
        Err(_) => Err(Error::Body {
            what: "It could not be read.",
        }),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = next {
        // A limit further out fails with the same kind of error.
        if cause.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        next = cause.source();
    }
    false
}
