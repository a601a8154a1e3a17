//! Forms of people who are not known yet. Nothing of one is kept: its hidden field says, sealed, which
//! cookie the browser got with it, and until when. What such a form decides is spent by itself, so the form need not be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::auth::browser::cookie::{Jar, Kind, PATIENCE};
use crate::auth::browser::form_token::Rendering;
use crate::auth::browser::page_error::Trouble;
use crate::auth::browser::request::Visit;
use crate::auth::random;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Hash, Ms, Place};

/// Characters of a hidden field.
const LONGEST: usize = 1024;

/// A form of a page.
#[derive(Clone, Copy, Debug)]
pub(in crate::auth) struct BoundForm {
    /// The page.
    pub(in crate::auth) page: &'static str,
    /// What it is about.
    pub(in crate::auth) owner: Hash,
}

impl BoundForm {
    /// Renders it once more; earlier renderings stay good.
    pub(in crate::auth) fn render(self, auth: &Auth, visit: &Visit) -> Result<Rendering, Trouble> {
        let handle = random::secret()?;
        let now = auth.now();
        let bound = visit.jar.bind(Kind::Form, handle.expose(), now)?;
        let (row, of) = (self.owner.text(), [self.page, handle.expose()]);
        let mut content = (now + PATIENCE).to_be_bytes().to_vec();
        content.extend_from_slice(&bound.hash.0);
        let sealed = auth.0.ring.seal(&place(&row, &of), &content)?;
        let value = format!("{}.{}", handle.expose(), URL_SAFE_NO_PAD.encode(sealed));
        Ok(Rendering {
            value: Secret::new(value),
            cookie: bound.header,
        })
    }

    /// That a rendering came back in the browser that got it.
    pub(in crate::auth) fn check(
        self,
        auth: &Auth,
        jar: &Jar,
        value: Option<&str>,
    ) -> Result<(), Trouble> {
        let value = value.filter(|value| value.len() <= LONGEST);
        let parts = value.and_then(|value| value.split_once('.'));
        let (handle, sealed) = parts.ok_or(Trouble::Form)?;
        let cookie = jar.bound(Kind::Form, handle).ok_or(Trouble::Form)?;
        let (row, of) = (self.owner.text(), [self.page, handle]);
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Trouble::Form)?;
        let opened = auth.0.ring.open(&place(&row, &of), &sealed);
        let opened = opened.map_err(|_| Trouble::Form)?;
        let (expires, hash) = opened.split_first_chunk().ok_or(Trouble::Form)?;
        let is_same = bool::from(hash.ct_eq(&cookie.0[..]));
        let is_late = auth.now() >= Ms::from_be_bytes(*expires);
        (is_same && !is_late).then_some(()).ok_or(Trouble::Form)
    }
}

/// What a hidden field is bound to: what the form is about, its page, and the rendering.
const fn place<'a>(row: &'a str, bound: &'a [&'a str]) -> Place<'a> {
    Place {
        table: "browser",
        column: "form",
        row,
        bound,
    }
}
