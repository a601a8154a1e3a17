//! A browser at one of our pages.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::auth::browser::cookie::Jar;
use crate::auth::browser::page_error::Trouble;
use crate::auth::limit::Source;
use crate::auth::request_name::RequestName;
use crate::auth::state::Auth;

/// Ways to a login that one address may begin in a minute, and consents that it may give; behind a proxy
/// all people are one.
pub(in crate::auth) const PER_MINUTE: u32 = 600;

/// What a page knows of a request besides its parameters.
#[derive(Clone)]
pub(in crate::auth) struct Visit {
    pub(in crate::auth) name: RequestName,
    pub(in crate::auth) jar: Jar,
    /// Whether this server is reached over TLS.
    pub(in crate::auth) https: bool,
    pub(in crate::auth) source: Source,
    cross_site: bool,
}

impl Visit {
    /// Counts a page that leaves something in the database: whoever may see it without being known
    /// must not be able to fill the disk.
    pub(in crate::auth) fn counted(&self, auth: &Auth) -> Result<(), Trouble> {
        if auth.0.visits.take(self.source, &auth.0.clock) {
            Ok(())
        } else {
            Err(Trouble::Rate)
        }
    }

    /// Counts a consent, which leaves a login in the database that begins.
    pub(in crate::auth) fn consented(&self, auth: &Auth) -> Result<(), Trouble> {
        if auth.0.consents.take(self.source, &auth.0.clock) {
            Ok(())
        } else {
            Err(Trouble::Rate)
        }
    }

    /// Refuses a form that another site sent. Browsers say where a request comes from, and no page
    /// can forge it; other clients say nothing, and have no cookies of a person.
    pub(in crate::auth) fn same_origin(&self) -> Result<(), Trouble> {
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
        let source = Source::from_request_parts(parts, auth).await?;
        let site = parts.headers.get("sec-fetch-site");
        Ok(Self {
            name,
            jar: Jar::of(&parts.headers, https, auth.0.public.path()),
            https,
            source,
            cross_site: site.is_some_and(|site| site != "same-origin"),
        })
    }
}
