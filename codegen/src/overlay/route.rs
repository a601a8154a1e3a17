//! An operation by its route.

use crate::document::Method;

/// `GET /api/v1/…` as method and path.
pub fn route(text: &str) -> Option<(Method, String)> {
    let (method, path) = text.split_once(' ')?;
    Some((
        Method::parse(method)?,
        path.starts_with('/').then(|| path.to_owned())?,
    ))
}
