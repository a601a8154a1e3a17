//! Cookies: they bind a form or a login to the browser that began it, and say who is signed in.
//!
//! Their names begin with `__Host-`, so that no other host and no connection without TLS can set
//! one. On loopback without TLS, browsers reject that prefix, so the names have none.
//!
//! Such cookies have the path `/`. Where the public URL has a path, another server may share the
//! host, so the names tell the two apart.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::auth::random;
use crate::secret::Secret;
use crate::store::{Hash, Ms};

/// Milliseconds that a page with a form stays valid, and that a login at a provider may take.
pub(in crate::auth) const PAGE_TTL: Ms = 600_000;
/// Milliseconds after which a sign-in on our pages ends.
pub(in crate::auth) const SIGN_IN_TTL: Ms = 8 * 3_600_000;
/// Cookies of one kind in a browser.
const MOST: u8 = 10;
const LOGIN: &str = "kmcp_s";

/// What a cookie binds to a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::auth) enum Kind {
    /// One rendering of a form.
    Form,
    /// A login at a provider, up to its callback.
    Browser,
}

impl Kind {
    fn name(self, slot: u8) -> String {
        match self {
            Self::Form => format!("kmcp_c_{slot}"),
            Self::Browser => format!("kmcp_b_{slot}"),
        }
    }
}

/// The cookies of a request.
#[derive(Clone)]
pub(in crate::auth) struct Jar {
    https: bool,
    /// The suffix of every name.
    server: String,
    pairs: Vec<(String, Secret)>,
}

/// A cookie that binds something to a browser.
pub(in crate::auth) struct BoundCookie {
    /// What is stored of it.
    pub(in crate::auth) hash: Hash,
    /// `Set-Cookie`.
    pub(in crate::auth) header: HeaderValue,
}

impl Jar {
    /// Reads the headers of a request to a server whose public URL has `path`, and TLS or not.
    pub(in crate::auth) fn of(headers: &HeaderMap, https: bool, path: &str) -> Self {
        let texts = headers.get_all(COOKIE).iter();
        let pairs = texts
            .filter_map(|text| text.to_str().ok())
            .flat_map(|text| Cookie::split_parse(text).filter_map(Result::ok))
            .map(|cookie| (cookie.name().to_owned(), Secret::new(cookie.value())))
            .collect();
        let server = match path {
            "" => String::new(),
            path => format!("_{}", tag(path)),
        };
        Self {
            https,
            server,
            pairs,
        }
    }

    fn full_name(&self, name: &str) -> String {
        let prefix = if self.https { "__Host-" } else { "" };
        format!("{prefix}{name}{}", self.server)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let name = self.full_name(name);
        let mut pairs = self.pairs.iter();
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.expose())
    }

    /// `Set-Cookie`, with a lifetime in milliseconds.
    fn set(&self, name: &str, value: &str, life: Ms) -> HeaderValue {
        let cookie = Cookie::build((self.full_name(name), value))
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Lax)
            .max_age(Duration::milliseconds(life))
            .build()
            .to_string();
        // Names and values are ours: letters, digits and dots.
        let mut header = HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }

    /// A cookie for the browser that receives `handle` with it. It replaces the oldest of ten.
    pub(in crate::auth) fn bind(
        &self,
        kind: Kind,
        handle: &str,
        now: Ms,
    ) -> Result<BoundCookie, getrandom::Error> {
        let made = |slot: &u8| self.get(&kind.name(*slot)).and_then(made_at);
        let slot = (0..MOST).min_by_key(made).unwrap_or_default();
        let secret = random::secret()?;
        let value = Secret::new(format!("{now}.{}.{}", tag(handle), secret.expose()));
        Ok(BoundCookie {
            hash: Hash::of(value.expose()),
            header: self.set(&kind.name(slot), value.expose(), PAGE_TTL),
        })
    }

    /// The hash of the cookie that this browser received with `handle`. The tag only finds it; what
    /// counts is that the hash equals the stored one.
    pub(in crate::auth) fn bound(&self, kind: Kind, handle: &str) -> Option<Hash> {
        let tag = tag(handle);
        (0..MOST)
            .filter_map(|slot| self.get(&kind.name(slot)))
            .find(|value| value.split('.').nth(1) == Some(&tag))
            .map(Hash::of)
    }

    /// The sign-in on our pages.
    pub(in crate::auth) fn login(&self) -> Option<Hash> {
        self.get(LOGIN).map(Hash::of)
    }

    /// The cookie of a new sign-in.
    pub(in crate::auth) fn signed_in(&self, value: &Secret) -> HeaderValue {
        self.set(LOGIN, value.expose(), SIGN_IN_TTL)
    }

    /// Deletes the cookie of the sign-in.
    pub(in crate::auth) fn signed_out(&self) -> HeaderValue {
        self.set(LOGIN, "", 0)
    }
}

/// Tells ten cookies apart; too short to reveal the handle.
fn tag(handle: &str) -> String {
    Hash::of(handle).text().chars().take(12).collect()
}

/// When a cookie was made, by its own account. One that does not say is replaced first.
fn made_at(value: &str) -> Option<Ms> {
    value.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(pairs: &[(String, String)], https: bool) -> Jar {
        let text: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::try_from(text.join("; ")).unwrap());
        Jar::of(&headers, https, "")
    }

    fn pair(bound: &BoundCookie) -> (String, String) {
        let text = bound.header.to_str().unwrap();
        let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a12_ten_renderings_stay_valid_and_the_next_replaces_the_oldest() {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut hashes = Vec::new();
        for turn in 0..12 {
            let handle = format!("form {turn}");
            let bound = jar(&pairs, true)
                .bind(Kind::Form, &handle, 1_000 + turn)
                .unwrap();
            let (name, value) = pair(&bound);
            pairs.retain(|(known, _)| *known != name);
            pairs.push((name, value));
            hashes.push((handle, bound.hash));
        }
        assert_eq!(pairs.len(), 10);
        let jar = jar(&pairs, true);
        for (at, (handle, hash)) in hashes.iter().enumerate() {
            let expected = (at >= 2).then_some(*hash);
            assert_eq!(jar.bound(Kind::Form, handle), expected, "{handle}");
        }
        assert_eq!(jar.bound(Kind::Browser, "form 11"), None);
    }

    #[test]
    fn s1_on_https_a_cookie_without_the_prefix_is_ignored() {
        let planted = [("kmcp_s".to_owned(), "x".to_owned())];
        assert_eq!(jar(&planted, true).login(), None);
        assert_eq!(jar(&planted, false).login(), Some(Hash::of("x")));
        let ours = [("__Host-kmcp_s".to_owned(), "x".to_owned())];
        assert_eq!(jar(&ours, true).login(), Some(Hash::of("x")));
        assert_eq!(jar(&ours, false).login(), None);
        let set = jar(&ours, true).signed_in(&Secret::new("value"));
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-kmcp_s=value; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=28800"
        );
        let set = jar(&ours, false).signed_out();
        assert_eq!(
            set.to_str().unwrap(),
            "kmcp_s=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        );
    }
}
