//! The ID of a request, in our log and on error pages.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::random;

/// The ID of one HTTP request. The transport adds it as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let given = parts.extensions.get::<Self>().cloned();
        // Without a transport there is no log to find it in, so any ID will do.
        Ok(given.unwrap_or_else(|| Self(random::id().unwrap_or_default().into())))
    }
}
