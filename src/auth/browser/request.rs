//! The request of a browser for one of our pages.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::auth::browser::cookie::Jar;
use crate::auth::browser::page_error::PageError;
use crate::auth::limit::Source;
use crate::auth::request_id::RequestId;
use crate::auth::state::Auth;

/// Logins that one IP address may begin in a minute, and consents that it may give. Behind a proxy,
/// all people may share one.
pub(in crate::auth) const PER_MINUTE: u32 = 600;

/// What a page needs to know about a request besides its parameters.
#[derive(Clone)]
pub(in crate::auth) struct BrowserRequest {
    pub(in crate::auth) id: RequestId,
    pub(in crate::auth) jar: Jar,
    /// Whether the public URL has TLS.
    pub(in crate::auth) https: bool,
    pub(in crate::auth) source: Source,
    cross_site: bool,
}

impl BrowserRequest {
    /// Counts a login that begins, which adds a row to the database: people who are not signed in
    /// must not be able to fill the disk.
    pub(in crate::auth) fn count_sign_in(&self, auth: &Auth) -> Result<(), PageError> {
        if auth.0.sign_ins.take(self.source, &auth.0.clock) {
            Ok(())
        } else {
            Err(PageError::TooManyRequests)
        }
    }

    /// Counts a consent, which begins a login and so adds a row to the database.
    pub(in crate::auth) fn count_consent(&self, auth: &Auth) -> Result<(), PageError> {
        if auth.0.consents.take(self.source, &auth.0.clock) {
            Ok(())
        } else {
            Err(PageError::TooManyRequests)
        }
    }

    /// Refuses a form that another site sent. Browsers name the site in a header that no page can
    /// forge; other clients send no such header, and hold no cookies of a person.
    pub(in crate::auth) fn same_origin(&self) -> Result<(), PageError> {
        if self.cross_site {
            Err(PageError::CrossSite)
        } else {
            Ok(())
        }
    }
}

impl FromRequestParts<Auth> for BrowserRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, Infallible> {
        let https = auth.0.public.is_https();
        let id = RequestId::from_request_parts(parts, auth).await?;
        let source = Source::from_request_parts(parts, auth).await?;
        let site = parts.headers.get("sec-fetch-site");
        Ok(Self {
            id,
            jar: Jar::of(&parts.headers, https, auth.0.public.path()),
            https,
            source,
            cross_site: site.is_some_and(|site| site != "same-origin"),
        })
    }
}
