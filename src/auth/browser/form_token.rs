//! Tokens for the forms of people who are signed in: one per rendering, valid once, and only in the
//! browser that received it. For people who are not signed in see
//! [`crate::auth::browser::bound_form`].

use http::HeaderValue;

use crate::auth::browser::cookie::{Jar, Kind, PAGE_TTL};
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::random;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{FormToken, Hash, Purpose};

/// Pages with a form that one person may open in a minute.
pub(in crate::auth) const PER_MINUTE: u32 = 600;

/// A form, before it is rendered.
#[derive(Clone, Copy, Debug)]
pub(in crate::auth) struct Form {
    /// The page it is on.
    pub(in crate::auth) purpose: Purpose,
    /// The sign-in it belongs to.
    pub(in crate::auth) owner: Hash,
}

/// What a page needs to render a form.
pub(in crate::auth) struct Rendering {
    /// The value of the hidden field.
    pub(in crate::auth) value: Secret,
    /// `Set-Cookie`.
    pub(in crate::auth) cookie: HeaderValue,
}

impl Form {
    fn token(self, value: &str, cookie: Hash, expires: i64) -> FormToken {
        FormToken {
            value: Hash::of(value),
            purpose: self.purpose,
            owner: self.owner,
            cookie,
            expires,
        }
    }

    /// Renders the form; earlier renderings stay valid.
    pub(in crate::auth) async fn render(
        self,
        auth: &Auth,
        browser: &BrowserRequest,
    ) -> Result<Rendering, PageError> {
        // Per sign-in: flooding the pages from one IP address must not lock out others behind it.
        let is_free = match self.purpose {
            Purpose::Account => auth.0.renderings.take(self.owner, &auth.0.clock),
        };
        if !is_free {
            return Err(PageError::TooManyRequests);
        }
        let now = auth.now();
        let value = random::secret()?;
        let bound = browser.jar.bind(Kind::Form, value.expose(), now)?;
        let token = self.token(value.expose(), bound.hash, now + PAGE_TTL);
        auth.0.store.put_form(&token).await?;
        Ok(Rendering {
            value,
            cookie: bound.header,
        })
    }

    /// Spends the rendering whose hidden field came back.
    pub(in crate::auth) async fn spend(
        self,
        auth: &Auth,
        jar: &Jar,
        value: Option<&str>,
    ) -> Result<(), PageError> {
        let value = value.ok_or(PageError::FormExpired)?;
        let cookie = jar.bound(Kind::Form, value).ok_or(PageError::FormExpired)?;
        let now = auth.now();
        let token = self.token(value, cookie, now);
        if auth.0.store.spend_form(&token, now).await? {
            Ok(())
        } else {
            Err(PageError::FormExpired)
        }
    }
}
