//! Tokens of forms of people who are signed in: one for each rendering, worth something once, and only
//! in the browser that got it. Those of others are a [`crate::auth::browser::bound_form`].

use http::HeaderValue;

use crate::auth::browser::cookie::{Jar, Kind, PATIENCE};
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::random;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{FormToken, Hash, Purpose};

/// Pages with a form that one person may see in a minute.
pub(in crate::auth) const PER_MINUTE: u32 = 600;

/// A form, before it is rendered.
#[derive(Clone, Copy, Debug)]
pub(in crate::auth) struct Form {
    /// The page that it stands on.
    pub(in crate::auth) purpose: Purpose,
    /// The sign-in that it belongs to.
    pub(in crate::auth) owner: Hash,
}

/// What a rendering of a form needs.
pub(in crate::auth) struct Rendering {
    /// The hidden field.
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

    /// A new rendering; earlier ones stay good.
    pub(in crate::auth) async fn render(
        self,
        auth: &Auth,
        visit: &Visit,
    ) -> Result<Rendering, Trouble> {
        // By sign-in: whoever floods the pages from the same address takes nothing away from a person.
        let is_free = match self.purpose {
            Purpose::Account => auth.0.renderings.take(self.owner, &auth.0.clock),
        };
        if !is_free {
            return Err(Trouble::Rate);
        }
        let now = auth.now();
        let value = random::secret()?;
        let bound = visit.jar.bind(Kind::Form, value.expose(), now)?;
        let token = self.token(value.expose(), bound.hash, now + PATIENCE);
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
    ) -> Result<(), Trouble> {
        let value = value.ok_or(Trouble::Form)?;
        let cookie = jar.bound(Kind::Form, value).ok_or(Trouble::Form)?;
        let now = auth.now();
        let token = self.token(value, cookie, now);
        if auth.0.store.spend_form(&token, now).await? {
            Ok(())
        } else {
            Err(Trouble::Form)
        }
    }
}
