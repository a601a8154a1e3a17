//! A browser at one of our pages.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::Auth;
use super::cookie::Jar;
use super::request_name::RequestName;
use super::trouble::Trouble;

/// What a page knows of a request besides its parameters.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) name: RequestName,
    pub(super) jar: Jar,
    /// Whether this server is reached over TLS.
    pub(super) https: bool,
    cross_site: bool,
}

impl Visit {
    /// Refuses a form that another site sent. Browsers say where a request comes from, and no page
    /// can forge it; other clients say nothing, and have no cookies of a person.
    pub(super) fn same_origin(&self) -> Result<(), Trouble> {
        if self.cross_site {
            Err(Trouble::CrossSite)
        } else {
            Ok(())
        }
    }
}

impl FromRequestParts<Auth> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, Infallible> {
        let https = auth.0.public.is_https();
        let name = RequestName::from_request_parts(parts, auth).await?;
        let site = parts.headers.get("sec-fetch-site");
        Ok(Self {
            name,
            jar: Jar::of(&parts.headers, https),
            https,
            cross_site: site.is_some_and(|site| site != "same-origin"),
        })
    }
}
