//! Tokens of forms: one for each rendering, worth something only in the browser that got it.

use http::HeaderValue;

use super::cookie::{Jar, Kind, PATIENCE};
use super::trouble::Trouble;
use super::visit::Visit;
use super::{Auth, random};
use crate::secret::Secret;
use crate::store::{FormToken, Hash, Purpose};

/// A form, before it is rendered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// The page that it stands on.
    pub(super) purpose: Purpose,
    /// The transaction, the sign-in or the link that it belongs to.
    pub(super) owner: Hash,
}

/// What a rendering of a form needs.
pub(super) struct Rendering {
    /// The hidden field.
    pub(super) value: Secret,
    /// `Set-Cookie`.
    pub(super) cookie: HeaderValue,
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
    pub(super) async fn render(self, auth: &Auth, visit: &Visit) -> Result<Rendering, Trouble> {
        visit.counted(auth)?;
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
    pub(super) async fn spend(
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
