//! Forms for people who are not signed in. The server stores nothing about them: a sealed hidden
//! field names the cookie that the browser received with the form, and when the form expires. The
//! decision that such a form carries can be made once, so the form itself need not be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::auth::browser::cookie::{Jar, Kind, PAGE_TTL};
use crate::auth::browser::form_token::Rendering;
use crate::auth::browser::page_error::PageError;
use crate::auth::browser::request::BrowserRequest;
use crate::auth::random;
use crate::auth::state::Auth;
use crate::secret::Secret;
use crate::store::{Hash, Ms, Place};

/// Characters of the hidden field.
const LONGEST: usize = 1024;

/// A form on a page.
#[derive(Clone, Copy, Debug)]
pub(in crate::auth) struct BoundForm {
    /// The name of the page.
    pub(in crate::auth) page: &'static str,
    /// What the form decides.
    pub(in crate::auth) owner: Hash,
}

impl BoundForm {
    /// Renders the form; earlier renderings stay valid.
    pub(in crate::auth) fn render(
        self,
        auth: &Auth,
        browser: &BrowserRequest,
    ) -> Result<Rendering, PageError> {
        let handle = random::secret()?;
        let now = auth.now();
        let bound = browser.jar.bind(Kind::Form, handle.expose(), now)?;
        let (row, of) = (self.owner.text(), [self.page, handle.expose()]);
        let mut content = (now + PAGE_TTL).to_be_bytes().to_vec();
        content.extend_from_slice(&bound.hash.0);
        let sealed = auth.0.ring.seal(&place(&row, &of), &content)?;
        let value = format!("{}.{}", handle.expose(), URL_SAFE_NO_PAD.encode(sealed));
        Ok(Rendering {
            value: Secret::new(value),
            cookie: bound.header,
        })
    }

    /// Checks that a rendering came back from the browser that received it.
    pub(in crate::auth) fn check(
        self,
        auth: &Auth,
        jar: &Jar,
        value: Option<&str>,
    ) -> Result<(), PageError> {
        let value = value.filter(|value| value.len() <= LONGEST);
        let parts = value.and_then(|value| value.split_once('.'));
        let (handle, sealed) = parts.ok_or(PageError::FormExpired)?;
        let cookie = jar
            .bound(Kind::Form, handle)
            .ok_or(PageError::FormExpired)?;
        let (row, of) = (self.owner.text(), [self.page, handle]);
        let sealed = URL_SAFE_NO_PAD
            .decode(sealed)
            .map_err(|_| PageError::FormExpired)?;
        let opened = auth.0.ring.open(&place(&row, &of), &sealed);
        let opened = opened.map_err(|_| PageError::FormExpired)?;
        let (expires, hash) = opened.split_first_chunk().ok_or(PageError::FormExpired)?;
        let is_same = bool::from(hash.ct_eq(&cookie.0[..]));
        let is_late = auth.now() >= Ms::from_be_bytes(*expires);
        (is_same && !is_late)
            .then_some(())
            .ok_or(PageError::FormExpired)
    }
}

/// What the hidden field is sealed for: the subject of the form, its page, and the rendering.
const fn place<'a>(row: &'a str, bound: &'a [&'a str]) -> Place<'a> {
    Place {
        table: "browser",
        column: "form",
        row,
        bound,
    }
}
